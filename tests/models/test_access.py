import pytest

from chatapp.extensions import db
from chatapp.models import Chat, Session, access
from chatapp.turbo import Connection


@pytest.fixture
def session_id(app):
    """``session_id(alice)`` is the id of the session that Alice has just begun."""

    def begin(visitor) -> int:
        visitor.log_in()
        return db.session.scalar(db.select(db.func.max(Session.id)).filter_by(user_id=visitor.id))

    return begin


def connection(stream: str, *tags: str) -> Connection:
    return Connection(stream, 0, tags)


def test_a_stream_of_one_kind_is_never_checked_as_one_of_another(alice, person, session_id):
    chat = Chat.start(alice.user, "Open to all", kind="open", assistant="never")
    db.session.commit()
    reader = next(visitor for visitor in map(person, ("Dora", "Emil")) if visitor.id != chat.id)
    tag = f"session:{session_id(reader)}"
    namesakes = [connection(f"{kind}:{chat.id}", tag) for kind in ("user", "mail")]
    assert access.withdrawn([connection(chat.stream_name, tag), *namesakes]) == namesakes


def test_a_person_s_own_stream_is_for_that_person_only(alice, bob, session_id):
    stream = f"user:{alice.id}"
    own = connection(stream, f"session:{session_id(alice)}")
    foreign = connection(stream, f"session:{session_id(bob)}")
    assert access.withdrawn([own, foreign]) == [foreign]


def test_one_connection_without_a_session_does_not_stop_the_check_for_the_others(alice, charlie, chat, session_id):
    member = f"session:{session_id(alice)}"
    refused = [
        connection(chat.stream_name, f"user:{alice.id}"),
        connection(chat.stream_name, "session:abc"),
        connection("chat:", member),
        connection("", member),
        connection(chat.stream_name, f"session:{session_id(charlie)}"),
    ]
    assert access.withdrawn([*refused, connection(chat.stream_name, member)]) == refused


def test_a_page_may_carry_the_chats_within_reach_and_its_reader_s_own_list(alice, bob, charlie, chat):
    open_chat = Chat.start(bob.user, "Open to all", kind="open", assistant="never")
    db.session.commit()
    names = [chat.stream_name, open_chat.stream_name, f"user:{alice.id}", f"user:{bob.id}", f"user:{charlie.id}"]
    assert access.readable(names, alice.user) == [chat.stream_name, open_chat.stream_name, f"user:{alice.id}"]
    assert access.readable(names, charlie.user) == [open_chat.stream_name, f"user:{charlie.id}"]
    assert access.readable([], alice.user) == []


@pytest.mark.parametrize("id", ["", "0", "-1", "x", "٣", "1 ", "007", str(2**31), "9" * 5000])
def test_a_name_that_no_record_has_is_nothing_to_read(alice, chat, id):
    assert access.readable([f"chat:{id}", f"user:{id}", f"mail:{id}", id], alice.user) == []
