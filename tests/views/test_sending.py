"""The two ways of a message, the short one (`models/sending.py`) and the ordinary one: what they cost and leave."""

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.lib.redis_client import Guarded
from chatapp.models import Chat, Message, sending
from chatapp.models.mixins.timestamps import now
from chatapp.models.search_text import SearchText
from chatapp.models.user import User
from chatapp.turbo import insert_row
from chatapp.turbo.testing import captured_broadcasts
from tests.queries import statements

USUAL = [
    "Hello",
    "**Bold**, `code` & <b>marks</b>\r\n\r\n- a list\r\n- of two",
    "Not a link in a closed chat: https://example.com/page",
    "日本語 🎉 :tada:",
    "x" * 10_000,
]
ID = "from-alice-{}"


@contextmanager
def questions(monkeypatch):
    """Collects what is written to Redis, one entry for each round trip of a request."""
    asked, send = [], Guarded.send_packed_command

    def note(self, command, *arguments, **options):
        asked.append(b"".join(command) if isinstance(command, list) else command)
        return send(self, command, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Guarded, "send_packed_command", note)
        yield asked


@pytest.fixture
def ordinary(monkeypatch):
    """Has every message go the ordinary way."""
    return lambda: monkeypatch.setattr(sending, "send", lambda *given: None)


def test_a_message_takes_six_statements_and_asks_redis_once_before_and_once_after(alice, chat, monkeypatch):
    alice.send(chat, "Hello", client_id=ID.format(0))
    number = chat.id
    with statements() as seen, questions(monkeypatch) as asked:
        assert alice.http.post(
            f"/chats/{number}/messages",
            data={"content": "Hello", "client_id": ID.format(1), "csrf_token": alice.token},
            headers={"Accept": "text/vnd.turbo-stream.html"},
        ).status_code == 201  # fmt: skip
    kinds = [re.match(r"\s*(\w+)(?:.*?\b(?:FROM|INTO|UPDATE)\s+(\w+))?", text, re.DOTALL).groups() for text, _ in seen]
    assert [kind for kind, _ in kinds] == ["SELECT", "SELECT", "SELECT", "INSERT", "INSERT", "UPDATE"]
    assert len(asked) == 2
    assert b"EVALSHA" in asked[0] and asked[0].count(b"messages.create") == 2  # both windows of the rate
    assert b"PUBLISH" in asked[1] and b"ZREM" in asked[1]


@pytest.mark.parametrize("content", USUAL, ids=range(len(USUAL)))
@pytest.mark.parametrize("assistant", ["never", "mentioned"])
def test_both_ways_leave_the_same(alice, bob, content, assistant, ordinary):
    found = []
    for turn in range(2):
        chat = Chat.start(alice.user, "Plans", assistant=assistant)
        db.session.flush()
        chat.admit(bob.user)
        chat.post(bob.user, "Before")
        db.session.commit()
        if turn:
            ordinary()
        with captured_broadcasts(chat.stream_name) as broadcasts:
            answer = alice.send(chat, content, client_id=ID.format(turn))
        found.append(left(chat.id, answer, broadcasts))
    assert found[0] == found[1]


def left(chat_id: int, answer, broadcasts) -> dict:
    """Everything that sending leaves, but for ids and times. Asserts that what was announced is what a page shows."""
    db.session.expire_all()
    chat, message = (
        db.session.get(Chat, chat_id),
        db.session.scalars(select(Message).order_by(Message.id.desc())).first(),
    )
    assert answer.text == broadcasts[-1].html
    assert str(message.to_html()) in broadcasts[-1].html
    revision, digest = chat.revision, chat.head_digest
    chat.renew_head()
    assert (chat.revision, chat.head_digest) == (revision, digest), "the head is not what a list shows"
    row = {column.key: getattr(message, column.key) for column in type(message).__table__.columns}
    others = {name: getattr(chat, name) for name in ("title", "revision", "header_revision", "head_revision")}
    text = db.session.get(SearchText, message.id).text
    html = broadcasts[-1].html.replace(f"chat_{chat.id}", "chat_ID").replace(f"message_{message.id}", "message_ID")
    html = html.replace(f"messages/{message.id}/", "messages/ID/").replace(f'id="{message.id}"', 'id="ID"')
    html = re.sub(r'datetime="[^"]+"|\d\d:\d\d UTC|from-alice-\d', "", html)
    assert row.pop("created_at") and row.pop("id") == message.id and row.pop("chat_id") == chat.id
    row["client_id"] = row["client_id"][:-1]
    return {"status": answer.status_code, "row": row, "chat": others, "text": text.replace(f"#{chat.id} ", ""),
            "html": html, "broadcasts": [(one.revision - chat.revision) for one in broadcasts]}  # fmt: skip


def test_the_same_client_id_makes_one_message_either_way(alice, chat, ordinary):
    first = alice.send(chat, "Hello", client_id=ID.format(1))
    again = alice.send(chat, "Hello", client_id=ID.format(1))
    ordinary()
    last = alice.send(chat, "Hello", client_id=ID.format(1))
    assert {answer.status_code for answer in (first, again, last)} == {201}
    assert first.text == again.text == last.text
    assert len(db.session.scalars(select(Message.id)).all()) == 1


def test_a_client_id_of_another_chat_is_refused(alice, bob, chat):
    other = Chat.start(alice.user, "Other", assistant="never")
    db.session.commit()
    alice.send(other, "Hello", client_id=ID.format(1))
    assert alice.send(chat, "Hello", client_id=ID.format(1)).status_code == 422
    assert bob.send(chat, "Hello", client_id=ID.format(1)).status_code == 201


def test_a_row_whose_client_id_was_taken_this_very_moment_is_not_written(alice, chat):
    alice.send(chat, "Hello", client_id=ID.format(1))
    chat.lock()
    row = Message(chat_id=chat.id, author_id=alice.id, content="Hello", client_id=ID.format(1), created_at=now())
    assert not insert_row(db.session(), chat, row, {})
    db.session.commit()  # it can go on
    assert len(db.session.scalars(select(Message.id)).all()) == 1


def unusual(chat: Chat) -> dict:
    return {
        "a chat without a title": {"title": ""},
        "a chat in which an assistant answers everything": {"assistant": "always"},
        "a chat of announcements": {"writers": "managers"},
        "an open chat that links a page": {"kind": "open"},
    }


@pytest.mark.parametrize("case", unusual(None))
def test_what_is_not_usual_goes_the_ordinary_way_and_leaves_nothing_of_the_other(case, alice, chat):
    for name, value in unusual(chat)[case].items():
        setattr(chat, name, value)
    db.session.commit()
    author, revision = db.session.get(User, alice.id), chat.revision
    assert sending.send(chat.id, author, "See https://example.com", ID.format(1)) is None
    db.session.commit()
    db.session.expire_all()
    assert (chat.revision, db.session.scalars(select(Message.id)).all()) == (revision, [])
    assert alice.send(chat, "See https://example.com", client_id=ID.format(2)).status_code == 201


def test_who_mentions_somebody_goes_the_ordinary_way(alice, bob, chat):
    alice.send(chat, "Hello @Bob", client_id=ID.format(1))
    assert [mention.user_id for mention in db.session.scalars(select(Message)).one().mentions] == [bob.id]


def test_an_open_chat_admits_who_writes_the_first_time(charlie, chat):
    chat.kind = "open"
    db.session.commit()
    assert charlie.send(chat, "Hello", client_id=ID.format(1)).status_code == 201
    assert db.session.get(Chat, chat.id).membership_of(db.session.get(User, charlie.id))
