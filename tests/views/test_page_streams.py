"""One connection for all that a page shows live."""

import pytest

from chatapp.extensions import db, turbo
from chatapp.models import Chat, ListedChat
from tests.servers import wait_until


@pytest.fixture(autouse=True)
def no_connection_stays(app):
    yield
    wait_until(lambda: len(turbo.hub.line) == turbo.hub.connection_count == 0)


def cursors(visitor, *chats) -> dict[str, int]:
    """The streams of a page that shows the latest of ``chats``, and of the visitor's list."""
    db.session.expire_all()
    own = {chat.stream_name: chat.revision for chat in chats}
    return own | {visitor.user.stream_name: visitor.user.position(visitor.user.listed())}


def poll(visitor, streams: dict[str, int], **headers):
    """What was missed, by an answer that ends at once."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return visitor.get("/stream", query_string=streams | {"wait": 0}, headers=names)


def test_a_page_gets_what_it_missed_of_its_chat_and_of_its_list(alice, bob, chat):
    other = Chat.start(bob.user, "Other", assistant="never")
    db.session.flush()
    other.admit(alice.user)
    db.session.commit()
    shown = cursors(alice, chat)
    bob.send(chat, "Hello Alice")
    bob.send(other, "And here")
    text = poll(alice, shown).text
    assert "Hello Alice" in text and f"<!--after {chat.stream_name} {shown[chat.stream_name]}-->" in text
    assert f'id="head_chat_{other.id}"' in text and "And here" in text


def test_a_page_that_missed_nothing_gets_nothing(alice, chat):
    assert "<!--" not in poll(alice, cursors(alice, chat)).text


def test_the_last_event_id_wins_over_the_address(alice, bob, chat):
    shown = cursors(alice, chat)
    bob.send(chat, "Hello Alice")
    latest = "&".join(f"{name}={cursor}" for name, cursor in cursors(alice, chat).items())
    assert "Hello Alice" not in poll(alice, shown, Last_Event_ID=latest).text


def test_a_mark_and_a_chat_that_comes_arrive_in_the_list(alice, bob, chat):
    message = chat.post(bob.user, "Hello")
    db.session.commit()
    shown = cursors(alice)
    ListedChat.locked(alice.user, chat).read(message.id)
    db.session.commit()
    assert f'data-read-id="{message.id}"' in poll(alice, shown).text
    shown = cursors(alice)
    new = Chat.start(alice.user, "New")
    db.session.commit()
    text = poll(alice, shown).text
    assert f'id="head_chat_{new.id}"' in text and f"<!--full user:{alice.id}-->" in text


def test_outsiders_get_nothing_of_a_chat_or_of_another_list(alice, charlie, removed, chat):
    chat.post(alice.user, "Secret")
    db.session.commit()
    for visitor in (charlie, removed):
        answer = poll(visitor, {chat.stream_name: 0, f"user:{alice.id}": 0, f"user:{visitor.id}": 0})
        assert answer.status_code == 200 and "Secret" not in answer.text and "Plans" not in answer.text
        assert f"event: gone\ndata: {chat.stream_name}\n" in answer.text
        assert f"event: gone\ndata: user:{alice.id}\n" in answer.text


def test_a_reader_of_nothing_is_refused(alice, charlie, anonymous, chat):
    only = {chat.stream_name: 0}
    assert poll(charlie, only).status_code == 404
    assert poll(charlie, only, Last_Event_ID=f"{chat.stream_name}=0").status_code == 204
    assert poll(anonymous, only).location.startswith("/login")
    assert poll(anonymous, only, Last_Event_ID=f"{chat.stream_name}=0").status_code == 204


@pytest.mark.parametrize(
    "query", ["", "chat=1", "chat:x=1", "chat:1=x", "user:9999999999=1", "mail:1=1", "=&=", "%00=1"]
)
def test_a_strange_address_is_no_error(alice, chat, query):
    assert alice.get(f"/stream?wait=0&{query}").status_code in (200, 404)
