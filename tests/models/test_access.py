import pytest

from chatapp.extensions import db
from chatapp.models import Chat, Session, access, pairs
from chatapp.turbo import Connection, Cursor


@pytest.fixture
def session_id(app):
    """``session_id(alice)`` is the id of the session that Alice has just begun."""

    def begin(visitor) -> int:
        visitor.log_in()
        return db.session.scalar(db.select(db.func.max(Session.id)).filter_by(user_id=visitor.id))

    return begin


def cursor(stream: str, *tags: str) -> Cursor:
    return Connection({stream: 0}, tags).cursors[stream]


def test_a_stream_of_one_kind_is_never_checked_as_one_of_another(alice, person, session_id):
    chat = Chat.start(alice.user, "Open to all", kind="open", assistant="never")
    db.session.commit()
    reader = next(visitor for visitor in map(person, ("Dora", "Emil")) if visitor.id != chat.id)
    tag = f"session:{session_id(reader)}"
    namesakes = [cursor(f"{kind}:{chat.id}", tag) for kind in ("user", "mail")]
    assert access.withdrawn([cursor(chat.stream_name, tag), *namesakes]) == namesakes


def test_a_person_s_own_stream_is_for_that_person_only(alice, bob, session_id):
    stream = f"user:{alice.id}"
    own = cursor(stream, f"session:{session_id(alice)}")
    foreign = cursor(stream, f"session:{session_id(bob)}")
    assert access.withdrawn([own, foreign]) == [foreign]


def test_one_connection_without_a_session_does_not_stop_the_check_for_the_others(alice, charlie, chat, session_id):
    member = f"session:{session_id(alice)}"
    refused = [
        cursor(chat.stream_name, f"user:{alice.id}"),
        cursor(chat.stream_name, "session:abc"),
        cursor("chat:", member),
        cursor("", member),
        cursor(chat.stream_name, f"session:{session_id(charlie)}"),
    ]
    assert access.withdrawn([*refused, cursor(chat.stream_name, member)]) == refused


@pytest.mark.parametrize("sizes", [(1,), (2, 5), (100,)])
def test_a_crowd_is_asked_about_in_parts_and_everybody_gets_an_own_answer(
    alice, bob, charlie, chat, session_id, monkeypatch, sizes
):
    monkeypatch.setattr(pairs, "SIZES", sizes)
    ids = {visitor: session_id(visitor) for visitor in (alice, bob, charlie)}
    streams = chat.stream_name, f"user:{alice.id}", f"chat:{chat.id + 1}"
    cursors = {(visitor, name): cursor(name, f"session:{ids[visitor]}") for visitor in ids for name in streams}
    stay = {(alice, chat.stream_name), (bob, chat.stream_name), (alice, f"user:{alice.id}")}
    assert set(access.withdrawn(list(cursors.values()))) == {cursors[one] for one in cursors.keys() - stay}
    tickets = {visitor: access.Ticket(Session.start(visitor.user, "", ""), chat.id) for visitor in ids}
    db.session.commit()
    assert access.readers(tickets.values()).keys() == {tickets[alice], tickets[bob]}
    assert access.withdrawn([]) == [] and access.readers([]) == {}
