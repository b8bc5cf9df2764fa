"""Every repeated query finds its rows by an index.

Looks at all statements of the real routes, jobs and heartbeats, so a new one without an index fails here.
"""

import io
from types import SimpleNamespace

import pytest
from flask import current_app
from sqlalchemy import insert

from chatapp.extensions import db
from chatapp.jobs.attachments import prepare
from chatapp.jobs.sweeps import (
    delete_expired_sessions,
    enqueue_forgotten_replies,
    enqueue_unfinished_deletions,
    enqueue_untold_looks,
    fill_search,
    forget_link_previews,
    settle_attachments,
    settle_link_previews,
)
from chatapp.models import (
    Attachment,
    Bookmark,
    Budget,
    Chat,
    Face,
    Figure,
    LinkPreview,
    Membership,
    Mention,
    Message,
    Reaction,
    Session,
    Summary,
    ToolUse,
    User,
    access,
    presence,
)
from chatapp.models.attachment_limits import Limits
from chatapp.models.budget import TOKENS
from chatapp.models.mixins.timestamps import now
from chatapp.models.totals import last_months
from chatapp.turbo import Connection
from chatapp.turbo.source import DatabaseSource
from tests.files import picture
from tests.plans import whole_reads
from tests.queries import messages_of, statements
from tests.visitors import PASSWORD

#: Tables that a statement reads whole on purpose, and why.
EXPECTED = {
    "NOT (EXISTS (SELECT * \nFROM memberships": "a list of all open chats, by their newest message",
    "search_index MATCH": "a search asks which of all chats one can read",
    "WITH ids AS MATERIALIZED": "the same on PostgreSQL",
    "FROM figures ORDER BY figures.id DESC": "a few of the newest, by their ids",
    "FROM prices ORDER BY prices.model": "the prices of all models",
    "WHERE chats.direct_key IS NOT NULL AND": "a new name is looked for in the keys of all direct chats",
}
A_NEW_ACCOUNT = {"name": "Dora", "email": "dora@example.com", "password": "long enough"}


@pytest.fixture
def crowd(app, alice, bob) -> Chat:
    """A chat of Alice and Bob among many others. The database has statistics about them."""
    people = [{"name": f"P{n}", "email": f"p{n}@example.com", "kind": "person"} for n in range(300)]
    ids = db.session.scalars(insert(User).returning(User.id), people).all()
    chat = Chat.start(alice.user, "Questions", kind="open", assistant="always")
    chats = [Chat.start(db.session.get(User, ids[100 + n]), f"Chat {n}") for n in range(200)]
    db.session.flush()
    chat.admit(bob.user)
    db.session.execute(insert(Membership), [{"chat_id": c.id, "user_id": id} for c in chats for id in ids[:20]])
    said = {"content": "Hello", "revision": 1, "searched_revision": 1}
    rows = [said | {"chat_id": c.id, "author_id": id} for c in chats for id in ids[:10]]
    written = db.session.scalars(insert(Message).returning(Message.id), rows).all()
    kept = [{"user_id": id, "message_id": message_id} for id in ids[:100] for message_id in written[:20]]
    db.session.execute(insert(Bookmark), kept)
    about = [{"user_id": id, "message_id": message_id} for id in ids[:5] for message_id in written[:500]]
    db.session.execute(insert(Mention), [one | {"name": "P"} for one in about])
    db.session.execute(insert(Reaction), [one | {"emoji": "👍"} for one in about])
    sent = {"name": "a", "size": 1, "state": "ready", "media_type": "image/png"}
    db.session.execute(
        insert(Attachment), [sent | {"user_id": id, "key": f"{id:032x}"} for id in ids for _ in range(3)]
    )
    seen = [{"chat_id": c.id, "user_id": id, "look": 1, "revision": 1} for c in chats for id in ids[:3]]
    db.session.execute(insert(Face), seen)
    linked = [{"url": f"https://10.0.0.1/{n}", "state": "ready", "title": "A page"} for n in range(300)]
    db.session.execute(insert(LinkPreview), linked)
    asked = {"model": "small", "purpose": "reply", "tokens_in": 1, "tokens_out": 1, "estimated": False}
    days = [f"{month}-1{n}" for month in last_months() for n in range(3)] + [f"2001-0{n}-01" for n in range(1, 9)] * 20
    figures = [asked | {"asker_id": id, "chat_id": c.id, "day": days[0]} for c in chats for id in ids[:10]]
    figures = [one | {"day": days[place % len(days)], "created_at": now()} for place, one in enumerate(figures)]
    db.session.execute(insert(Figure), figures)
    summed_up = {
        "state": "done",
        "content": "",
        "after_id": 0,
        "last_id": 0,
        "read_count": 0,
        "left_out": 0,
        "attempt": 1,
    }
    db.session.execute(insert(Summary), [summed_up | {"chat_id": c.id, "user_id": id} for c in chats for id in ids[:5]])
    used = {"stands_at": 0, "call_id": "a", "name": "search", "title": "Search", "words": "Searched", "icon": "search"}
    used |= {"number": 1, "round": 1, "place": 0, "arguments": "{}", "state": "done"}
    db.session.execute(insert(ToolUse), [used | {"message_id": id} for id in written])
    log_ins = [{"user_id": id, "token_digest": f"{id}", "last_seen_at": now()} for id in ids]
    db.session.execute(insert(Session), log_ins)
    db.session.commit()
    db.session.execute(db.text("ANALYZE"))
    db.session.commit()
    return chat


def a_day_in(chat, alice, bob) -> None:
    """The requests that people and their pages repeat."""
    for number in range(3):
        alice.send(chat, f"Question {number} @Bob @all", client_id=f"once-and-again-{number}")
    question, reply, *_ = messages_of(chat)
    pages = ("/", "/sessions", "/connection", "/profile", "/mentions", "/mentions?before=99", "/bookmarks")
    pages += ("/search?q=question", f"/search?q=question+1&before={reply.id}", "/search?q=%22question+1%22+has:link")
    for path in (*pages, f"/messages/{question.id}/actions"):
        assert alice.get(path).status_code == 200
    history = (f"?around={question.id}", f"/messages?before={reply.id}", f"/messages?after={question.id}")
    for path in ("", "/edit", "/members", "/pins", "/mentionables?q=b", *history):
        assert alice.get(f"/chats/{chat.id}{path}").status_code == 200
    bob.turbo("POST", f"/chats/{chat.id}/typing")
    bob.turbo("POST", f"/chats/{chat.id}/reads", {"message_id": reply.id, "seen": "1"})
    bob.turbo("POST", "/mentions/marks", {"message_id": question.id})
    bob.turbo("POST", f"/messages/{reply.id}/stops")
    bob.turbo("POST", f"/messages/{reply.id}/retries")
    bob.turbo("POST", f"/messages/{question.id}/reactions", {"emoji": "👍"})
    alice.turbo("POST", f"/messages/{question.id}/reactions", {"emoji": "👍"})
    bob.turbo("DELETE", f"/messages/{question.id}/reactions/👍")
    assert bob.submit("/profile/name", {"name": "Robert"}).status_code == 303
    for verb, resource in (("POST", "pins"), ("POST", "bookmarks"), ("DELETE", "pin"), ("DELETE", "bookmark")):
        assert bob.turbo(verb, f"/messages/{question.id}/{resource}").status_code < 300
    alice.turbo("PATCH", f"/messages/{question.id}", {"content": "Another question"})
    alice.turbo("DELETE", f"/messages/{question.id}")
    for options in ({"revision": 0}, {"revision": 3}, {"revision": 10**6}):
        bob.get(f"/chats/{chat.id}/stream", query_string=options | {"wait": "0.01"})


def files_of(chat, alice) -> None:
    """A picture that is sent, looked at and deleted."""
    limits = Limits(file=100_000, message=100_000, day=100_000, files=1)
    file = Attachment.keep(alice.user, "a.png", io.BytesIO(picture()), limits)
    db.session.commit()
    assert alice.get(f"/uploads/{file.id}").status_code == 200
    alice.send(chat, "A picture", upload_ids=str(file.id))
    prepare(file.id)
    for path in (f"/chats/{chat.id}", f"/attachments/{file.id}/a.png", f"/attachments/{file.id}/thumbnail"):
        assert alice.get(path).status_code == 200
    alice.turbo("DELETE", f"/messages/{db.session.get(Attachment, file.id).message_id}")


def figures_of(chat, alice, bob, admin, work) -> None:
    """Answers with budgets, a summary, and the pages that add up what they cost."""
    Budget.decide("", TOKENS, person_day=10**9, place_day=10**9, place_month=10**9)
    db.session.commit()
    for number in range(3):
        alice.send(chat, f"Missed {number}", client_id=f"missed-number-{number}")
    bob.submit(f"/chats/{chat.id}/summaries", {"after_id": "0"})
    work()
    reply = messages_of(chat)[-1]
    pages = (f"/messages/{reply.id}/figures", "/figures", f"/chats/{chat.id}/figures", f"/chats/{chat.id}/summary")
    assert [alice.get(page).status_code for page in pages] == [200] * 4
    assert [admin.get(page).status_code for page in ("/figures?of=everybody", "/budget")] == [200] * 2
    bob.submit(f"/chats/{chat.id}/summary", {}, "DELETE")


def previews_of(chat, alice, work) -> None:
    """A link to a page that fails, and one whose preview is removed."""
    for number in (300, 1):
        alice.send(chat, f"See https://10.0.0.1/{number}", client_id=f"link-to-a-page-{number}")
    work()
    message = Message.with_client_id(alice.user, "link-to-a-page-1")
    assert alice.turbo("DELETE", f"/messages/{message.id}/preview").status_code == 200


def comings_and_goings(chat, alice, bob, client) -> None:
    """Log-ins, and changes of a chat and its members."""
    visitor = client()
    assert visitor.submit("/login", {"email": bob.user.email, "password": PASSWORD}).status_code == 303
    assert visitor.reload().submit("/logout").status_code == 303
    assert visitor.reload().submit("/signup", A_NEW_ACCOUNT).status_code == 303
    changes = [
        alice.submit(f"/chats/{chat.id}/members", {"email": A_NEW_ACCOUNT["email"]}),
        bob.submit(f"/chats/{chat.id}/departures"),
        alice.submit(f"/chats/{chat.id}", {"title": "Answers", "kind": "open", "assistant": "always"}, "PATCH"),
        alice.submit(f"/chats/{chat.id}/archives"),
        alice.submit(f"/chats/{chat.id}/archive", {}, "DELETE"),
    ]
    assert [answer.status_code for answer in changes] == [303] * len(changes)


def what_processes_ask(chat, bob) -> None:
    """Sweeps, and the heartbeats of open streams."""
    enqueue_forgotten_replies()
    enqueue_unfinished_deletions()
    enqueue_untold_looks()
    delete_expired_sessions()
    fill_search()
    settle_attachments()
    settle_link_previews()
    forget_link_previews()
    DatabaseSource(current_app, db, access.withdrawn).revisions([chat.stream_name])
    session_id = db.session.scalar(db.select(Session.id).filter_by(user_id=bob.user.id))
    tags = (f"user:{bob.user.id}", f"session:{session_id}")
    assert access.withdrawn([SimpleNamespace(tags=tags, stream=chat.stream_name)]) == []
    page = Connection({chat.stream_name: 0, bob.user.stream_name: 0})
    page.owner = bob.user.stream_name
    assert len(presence.watched(list(page.cursors.values()))) == 2


def test_what_is_asked_again_and_again_reads_no_table_whole(
    crowd, alice, bob, admin, client, work, provider, monkeypatch
):
    assert a_query_without_an_index_is_noticed()
    monkeypatch.setattr("chatapp.models.catch_up.FEW", 1)  # a summary of more messages would be another plan
    alice.get("/"), bob.get("/"), admin.get("/")
    with statements() as seen:
        a_day_in(crowd, alice, bob)
        files_of(crowd, alice)
        previews_of(crowd, alice, work)
        figures_of(crowd, alice, bob, admin, work)
        what_processes_ask(crowd, bob)
        comings_and_goings(crowd, alice, bob, client)
    asked = {statement: parameters for statement, parameters in seen if statement.split()[0] in READING}
    assert len(asked) > 20
    found = {statement: whole_reads(statement, parameters) for statement, parameters in asked.items()}
    assert {s: reads for s, reads in found.items() if reads and not expected(s)} == {}


READING = {"SELECT", "UPDATE", "DELETE", "WITH"}


def expected(statement: str) -> bool:
    return any(part in statement for part in EXPECTED)


def a_query_without_an_index_is_noticed() -> bool:
    """Otherwise the test could not fail. It is asked in the test, because the crowd takes long to come."""
    with statements() as seen:
        db.session.scalars(db.select(Message).where(Message.content == "Hello")).all()
        db.session.scalars(db.select(Message).where(Message.id == 7)).all()
    return [bool(whole_reads(*one)) for one in seen] == [True, False]
