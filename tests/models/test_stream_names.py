"""A strange name of a stream concerns nobody but whoever sent it, also where many begin together."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db, turbo
from chatapp.models import Session
from chatapp.turbo import Connection
from tests.servers import wait_until


@pytest.fixture
def together(app):
    """Streams that begin in one batch, as behind the line."""
    begun = []

    def begin(*wanted):
        connections = []
        for visitor, streams in wanted:
            visitor.get("/")
            session = db.session.scalar(select(Session).where(Session.user_id == visitor.user.id))
            connections.append(
                Connection(streams, tags=[f"user:{visitor.user.id}", f"session:{session.id}"], named=True)
            )
        begun.extend(connections)
        db.session.commit()
        return connections, turbo.begin_all(connections)

    yield begin
    for connection in begun:
        turbo.hub.disconnect(connection)
    wait_until(lambda: turbo.hub.connection_count == 0)


@pytest.mark.parametrize("name", ["chat:1" + "0" * 30, "user:99999999999", "chat:9999999999999999999"])
def test_a_number_that_no_record_has_does_not_fail_the_others(alice, charlie, chat, together, name):
    (hers, _), failed = together((alice, {chat.stream_name: chat.revision}), (charlie, {name: 0}))
    assert hers not in failed


@pytest.mark.parametrize("form", ["chat:0{}", "chat:+{}", "chat: {}"])
def test_another_spelling_of_a_chat_does_not_take_it_from_its_members(alice, charlie, chat, together, form):
    (hers, _), failed = together((alice, {chat.stream_name: chat.revision}), (charlie, {form.format(chat.id): 0}))
    assert hers not in failed and list(hers.cursors) == [chat.stream_name]


def test_another_spelling_of_a_list_does_not_take_it_from_its_owner(alice, charlie, together):
    (hers, _), failed = together((alice, {f"user:{alice.user.id}": 0}), (charlie, {f"user:0{alice.user.id}": 0}))
    assert hers not in failed and list(hers.cursors) == [f"user:{alice.user.id}"]


def test_a_strange_number_is_no_error(alice):
    assert alice.get("/stream", query_string={"chat:1" + "0" * 30: 0, "wait": 0}).status_code < 500
