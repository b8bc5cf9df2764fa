import pytest

from chatapp.extensions import db, turbo
from chatapp.models import Typing
from chatapp.turbo.testing import captured_broadcasts


@pytest.fixture
def typing(chat, monkeypatch) -> Typing:
    monkeypatch.setattr("chatapp.models.typing.LIFETIME", 60)
    return Typing(chat)


def names(broadcast) -> list[str]:
    return [name for name in ("Alice", "Bob") if name in broadcast.html]


def test_who_begins_and_ends_is_told(typing, alice, bob):
    with captured_broadcasts() as broadcasts:
        typing.begin(alice.user)
        typing.begin(bob.user)
        typing.end(alice.user)
    assert [names(b) for b in broadcasts] == [["Alice"], ["Alice", "Bob"], ["Bob"]]


def test_who_goes_on_typing_is_named_once(typing, alice):
    typing.begin(alice.user)
    with captured_broadcasts() as broadcasts:
        typing.begin(alice.user)
    assert broadcasts[0].html.count("Alice") == 1


def test_who_stopped_without_a_word_is_not_named_any_more(typing, alice, bob):
    typing.begin(alice.user)
    turbo.publisher.redis.zadd(typing.key, {str(alice.id): 1})  # long ago
    with captured_broadcasts() as broadcasts:
        typing.begin(bob.user)
    assert names(broadcasts[0]) == ["Bob"]


def test_what_is_left_in_redis_goes_away_by_itself(typing, alice):
    typing.begin(alice.user)
    assert 0 < turbo.publisher.redis.ttl(typing.key) <= 60


def test_one_chat_knows_nothing_of_another(typing, alice, bob, chat):
    other = type(chat).start(alice.user, "Other")
    db.session.commit()
    typing.begin(alice.user)
    with captured_broadcasts() as broadcasts:
        Typing(other).begin(bob.user)
    assert names(broadcasts[0]) == ["Bob"] and broadcasts[0].stream == other.stream_name


def test_without_redis_nobody_learns_of_it_and_nothing_breaks(chat, alice, dead_redis):
    with captured_broadcasts() as broadcasts:
        Typing(chat).begin(alice.user)
        Typing(chat).end(alice.user)
    assert broadcasts == []
