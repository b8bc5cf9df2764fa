"""Messages as pages show them: remembered by their versions, and loaded only where something has changed."""

import pytest

from chatapp.extensions import db
from chatapp.models import Chat, LinkPreview, Message
from chatapp.turbo import html_of_rows, render, select_versions
from chatapp.turbo.row_cache import RowCache
from tests.queries import messages_of, statements


@pytest.fixture(autouse=True)
def rows(app, monkeypatch) -> None:
    monkeypatch.setitem(app.extensions, "turbo.rows", RowCache(2**20))


@pytest.fixture
def said(chat, alice, bob) -> list[Message]:
    first = chat.post(alice.user, "Shall we meet?")
    made = [first, chat.post(bob.user, "At ten, @Alice", quoted=first), chat.post(alice.user, "Good")]
    db.session.commit()
    return made


def page_of(chat: Chat) -> list[str]:
    db.session.rollback()
    return [shown.html for shown in chat.page_of_messages()[0]]


def truth_of(chat: Chat) -> list[str]:
    """From the records as they are now."""
    db.session.expire_all()
    return [render(Message.broadcast_partial, message) for message in messages_of(chat)]


def test_a_page_of_remembered_messages_loads_none(chat, said):
    page_of(chat)
    with statements() as seen:
        assert len(page_of(chat)) == len(said)
    assert len([statement for statement, _ in seen if "messages" in statement]) == 1


def test_one_change_loads_one_message(chat, said, alice):
    page_of(chat)
    said[2].edit("Very good")
    db.session.commit()
    db.session.expunge_all()
    page_of(db.session.get(Chat, chat.id))
    assert {record.id for record in db.session if isinstance(record, Message)} <= {said[2].id}


def test_a_message_changes_with_the_one_that_it_quotes(chat, said):
    page_of(chat)
    said[0].edit("Shall we meet tomorrow?")
    db.session.commit()
    assert "meet tomorrow" in page_of(chat)[1] and page_of(chat) == truth_of(chat)
    said[0].delete()
    db.session.commit()
    assert "meet tomorrow" not in page_of(chat)[0] and page_of(chat) == truth_of(chat)


def test_messages_change_with_the_names_in_them(chat, said, alice, bob):
    said[2].react(bob.user, "👍")
    db.session.commit()
    page_of(chat)
    for visitor, name in ((alice, "Alice Lee"), (bob, "Bob Ray")):
        visitor.user.rename(name)
        db.session.commit()
        assert name in "".join(page_of(chat)) and page_of(chat) == truth_of(chat)


def test_a_message_changes_with_the_preview_of_its_link(chat, alice):
    preview = LinkPreview(url="https://example.com/", title="Example", state="waiting")
    db.session.add(preview)
    message = chat.post(alice.user, "See https://example.com/")
    db.session.flush()
    message.link_preview_id = preview.id
    db.session.commit()
    for state in ("fetched", "failed"):
        page_of(chat)
        preview.state = state
        db.session.commit()
        assert page_of(chat) == truth_of(chat)


def test_a_transaction_sees_its_own_changes(chat, said):
    page_of(chat)
    said[2].edit("Never said")
    db.session.flush()
    assert "Never said" in chat.page_of_messages()[0][2].html
    assert "Never said" not in page_of(chat)[2]


def test_a_message_that_is_deleted_while_a_page_is_read_is_not_on_it(nothing_remembered, chat, said):
    found = db.session.execute(select_versions(Message).where(Message.chat_id == chat.id)).all()
    said[2].delete()
    db.session.commit()
    assert html_of_rows(db.session(), Message, found).keys() == {said[0].id, said[1].id}
