"""Tries every route that takes an id as people who may not use it, and every route that changes something at the edge.

The routes come from the URL map, so a new one needs no line here.

A route with a parameter of a new name, or of a new noun, fails until `things` says what it stands for.
"""

import contextlib
import io
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as DatabaseSession
from werkzeug.routing import Rule

import chatapp
from chatapp.extensions import db
from chatapp.lib.mcp_texts import Described
from chatapp.models import (
    Assistant,
    Attachment,
    Chat,
    Invitation,
    Message,
    Price,
    Reasoning,
    Session,
    Share,
    ToolServer,
    ToolUse,
    sending,
)
from chatapp.models.attachment_limits import Limits
from chatapp.turbo import transactions
from chatapp.views.invitations import token_of
from tests.files import picture as png
from tests.queries import empty
from tests.routes import SAFE, unsafe
from tests.visitors import PASSWORD, Visitor

#: Routes that answer the same to everybody.
FOR_EVERYBODY = {"assets.show", "users.style", "acceptances.new", "acceptances.create"}
FOR_EVERYBODY |= {"shared_answers.show", "place_pictures.show"}
#: Routes about people, whom everybody with an account may meet.
FOR_ACCOUNTS = {"cards.show", "blocks.create", "blocks.destroy", "blocks._destroy", "portraits.show"}
#: The routes for a reader of an open chat who is not a member: look, and join.
FOR_READERS = {
    "chats.show", "members.index", "members.create", "messages.index", "messages.show", "messages.create",
    "streams.show", "quotes.index", "retries.new", "continuations.new", "stops.new", "actions.index",
    "versions.index", "versions.show", "reasonings.show", "texts.show",
    "tool_uses.show", "permissions.new", "refusals.new",
    "pins.index", "attachments.show", "thumbnails.show", "link_previews.show", "readings.show",
}  # fmt: skip
FOR_ADMINS = ("orphans.", "admissions.", "assistants.", "assistant_portraits.", "greetings.", "retirements.")
FOR_ADMINS += ("budgets.", "prices.", "vitals.", "tool_servers.", "trials.", "offered_tools.", "place")
#: A server of tools. Nobody listens at its address either.
WEATHER = {"name": "Weather", "url": "http://127.0.0.1:9/mcp"}
#: An assistant as a form has it. Nobody listens at its address.
CODER = {"name": "Coder", "model": "coder-1", "base_url": "http://127.0.0.1:9/v1", "reply_tokens": "500"}
#: A complete form, so that a refusal is not about a missing field.
FORM = {
    "content": "Mine",
    "title": "Mine",
    "kind": "open",
    "assistant": "never",
    "message_id": "1",
    "emoji": "👍",
    "offset": "0",
}
#: And those that mean something else in another form.
FORMS = {
    "users.create": {"name": "Dora", "email": "dora@example.com", "password": PASSWORD},
    "sessions.create": {"email": "alice@example.com", "password": PASSWORD},
    "members.create": {"email": "charlie@example.com"},
    "deletions.create": {"title": "Plans"},
    "offers.destroy": {"assistant": "mentioned"},
    "offers._destroy": {"assistant": "mentioned"},
    "directs.create": {"user_ids": "1"},
    "uploads.create": {"name": "plan.txt", "size": "3"},
    "profiles.update": {"theme": "dark", "clock": "24"},
    "invitations.create": {"days": "7", "uses": "5"},
    "admissions.update": {"signup": "domains", "domains": "example.com", "inviters": "everybody"},
    "summaries.create": {"after_id": "0"},
    "budgets.update": {"currency": "USD", "unit": "money", "person_day": "2.50", "place_day": "", "place_month": "100"},
    "prices.create": {"model": "small", "tokens_in": "0.40", "tokens_out": "1.60"},
    "names.update": {"name": "Alicia"},
    "time_zones.create": {"time_zone": "Europe/Berlin"},
    "addresses.update": {"email": "new@example.com", "proof": PASSWORD},
    "tool_servers.create": WEATHER | {"name": "Maps"},
    "tool_servers.update": WEATHER | {"name": "Climate", "enabled": "1"},
    "tool_servers._update_or_destroy": WEATHER | {"name": "Climate", "enabled": "1"},
    "assistants.create": CODER | {"name": "Writer"},
    "assistants.update": CODER | {"name": "Reader", "api_key": "sk-1"},
    "assistants._update_or_destroy": CODER | {"name": "Reader", "api_key": "sk-1"},
    "passwords.update": {"current": PASSWORD, "password": "a few words of my own"},
}
#: A form that nothing can be done with.
REFUSED = {
    "content": " ",
    "title": "x" * 1000,
    "name": "",
    "email": "x" * 1000,
    "password": "",
    "manager": "0",
    "emoji": "x",
    "user_ids": "0",
    "uses": "0",
    "signup": "x",
    "after_id": "x",
    "unit": "x",
    "model": "",
    "time_zone": "x",
    "size": "x",
    "offset": "x",
}


class Again(io.BytesIO):
    """A file that several requests can send."""

    def close(self) -> None:
        self.seek(0)


@pytest.fixture
def message(alice, chat) -> Message:
    """A failed answer to a question of Alice's."""
    question = chat.post(alice.user, "What is it?")
    reply = Message(chat=chat, author=alice.user, content="It", question=question, state="failed")
    db.session.add(reply)
    db.session.flush()
    reply.react(alice.user, "🎉")
    db.session.add(Reasoning(message_id=reply.id, number=1, content="Hm."))
    given = {"call_id": "a", "name": "search", "title": "Search", "words": "Searched", "icon": "search"}
    place = {"number": 1, "round": 1, "place": 0, "stands_at": 0}
    db.session.add(ToolUse(message_id=reply.id, state="asking", arguments="", **place, **given))
    db.session.commit()
    return reply


@pytest.fixture
def orphan(person, bob) -> Chat:
    gone = person("Gone").user
    orphan = Chat.start(gone, "Left behind")
    db.session.flush()
    orphan.admit(bob.user)
    gone.deactivate()
    db.session.commit()
    return orphan


@pytest.fixture
def files(alice, chat, work) -> tuple[Attachment, Attachment]:
    """A picture of Alice's in the chat, and a file that she is sending."""
    limits = Limits(file=100_000, message=100_000, day=100_000, files=1)
    picture = Attachment.keep(alice.user, "a.png", io.BytesIO(png()), limits)
    chat.post(alice.user, "", upload_ids=[picture.id])
    upload = Attachment.begin(alice.user, "plan.txt", 3, limits)
    db.session.commit()
    work()
    return picture, upload


@pytest.fixture
def things(alice, bob, admin, chat, message, orphan, files, monkeypatch) -> dict[str, int]:
    """What a parameter stands for, by its name; `id` by that of its blueprint, too."""
    alice.log_in()
    admin.log_in()
    monkeypatch.setitem(FORM, "manager", str(bob.id))
    monkeypatch.setitem(FORMS, "directs.create", {"user_ids": str(bob.id)})
    for endpoint in ("portraits", "assistant_portraits", "place_pictures"):
        for action in ("update", "_update_or_destroy"):
            monkeypatch.setitem(FORMS, f"{endpoint}.{action}", {"picture": (Again(png()), "me.png")})
    bob.user.portray(io.BytesIO(png()))
    direct = Chat.direct(alice.user, [bob.user])
    coder = Assistant.add("Coder", base_url=CODER["base_url"], model="coder-1").user
    weather = ToolServer.add(**WEATHER)
    weather.note([Described("forecast", "", "", {"type": "object"})], "")
    invitation = Invitation.begin(alice.user, 10, timedelta(days=1), chat)
    chat.sharing = "on"
    db.session.flush()
    share = Share.begin(message, alice.user)
    Price.set("large", 2_000_000, 8_000_000)
    db.session.commit()
    for action in ("update", "_update"):
        monkeypatch.setitem(FORMS, f"offered_tools.{action}", {"tools": weather.tools[0].as_read})
    session = db.session.scalars(select(Session).filter_by(user_id=alice.id)).first()
    return {
        "chat_id": chat.id,
        "message_id": message.id,
        "number": 1,
        "user_id": bob.id,
        "emoji": "🎉",
        "archives.id": chat.id,
        "assistants.id": coder.id,
        "assistant_portraits.id": coder.id,
        "greetings.id": coder.id,
        "retirements.id": coder.id,
        "tool_servers.id": weather.id,
        "trials.id": weather.id,
        "offered_tools.id": weather.id,
        "attachments.id": files[0].id,
        "attachments.name": files[0].name,
        "thumbnails.id": files[0].id,
        "uploads.id": files[1].id,
        "use_id": db.session.scalar(select(ToolUse.id)),
        "chats.id": chat.id,
        "directs.id": direct.id,
        "invitations.id": invitation.id,
        "token": token_of(invitation),
        "version": "0123456789abcdef",
        "messages.id": message.question_id,
        "orphans.id": orphan.id,
        "prices.id": Price.of("large").id,
        "sessions.id": session.id,
        "shares.id": share.id,
    }


@pytest.fixture
def routes(app) -> list[tuple[Rule, str]]:
    """Each route with an id, and each of its methods."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.arguments and rule.endpoint not in FOR_EVERYBODY]
    found = [(rule, method) for rule in rules for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    assert len(found) > 20
    return found


def in_reach_of_few(routes: list[tuple[Rule, str]]) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule, method in routes if rule.endpoint not in FOR_ACCOUNTS]


def path(rule: Rule, things: dict[str, int]) -> str:
    blueprint, ids = rule.endpoint.rpartition(".")[0], {}
    for name in rule.arguments:
        meant = things.get(f"{blueprint}.{name}", things.get(name))
        assert meant is not None, f"{rule.rule}: `things` does not say what <{name}> stands for in {blueprint}"
        ids[name] = meant
    return rule.build(ids)[1]


def attempts(visitor, rule: Rule, method: str, address: str) -> list:
    """Request the route, with each method that a plain form may name in ``_method``."""
    if method in SAFE:
        return [visitor.get(address, query_string={"wait": "0", "before": "9"})]
    return [attempt(visitor, rule, method, address, verb) for verb in verbs(rule)]


def verbs(rule: Rule) -> list[str | None]:
    """The methods that a plain form may name in ``_method`` there."""
    return ["patch", "delete"] if "._" in rule.endpoint else [None]


def attempt(visitor, rule: Rule, method: str, address: str, verb: str | None, form: dict | None = None):
    form = form or FORM | FORMS.get(rule.endpoint, {})
    sent = form | ({"_method": verb} if verb else {})
    return visitor.open(method, address, data=sent, headers={"X-CSRFToken": visitor.token})


def everything() -> dict[str, list]:
    db.session.rollback()
    return contents()


def contents() -> dict[str, list]:
    with db.engine.connect() as connection:
        return {t.name: sorted(map(tuple, connection.execute(t.select()))) for t in db.metadata.sorted_tables}


@contextlib.contextmanager
def undone():
    """Undoes everything that happens in the block."""
    db.session.rollback()
    with db.engine.connect() as connection:
        # In the order of their keys: a reply after its question.
        rows_of = {table: table.select().order_by(*table.primary_key) for table in db.metadata.sorted_tables}
        before = {table: connection.execute(rows).mappings().all() for table, rows in rows_of.items()}
    yield
    db.session.rollback()
    with db.engine.begin() as connection:
        empty(connection)
        for table, rows in before.items():
            if rows:
                connection.execute(table.insert(), [dict(row) for row in rows])


def test_whoever_may_is_not_told_that_it_does_not_exist(routes, things, alice, admin):
    """Otherwise the tests below would prove nothing."""
    for rule, method in routes:
        visitor = admin if rule.endpoint.startswith(FOR_ADMINS) else alice
        with undone():
            codes = [answer.status_code for answer in attempts(visitor, rule, method, path(rule, things))]
        assert set(codes) - {404, 405}, (rule, method, codes)


def test_to_outsiders_and_to_whoever_was_removed_nothing_exists(routes, things, charlie, removed):
    visitors = [visitor.log_in() for visitor in (charlie, removed)]
    before = everything()
    for rule, method in in_reach_of_few(routes):
        for visitor in visitors:
            codes = {answer.status_code for answer in attempts(visitor, rule, method, path(rule, things))}
            assert codes <= {404, 405} and 404 in codes, (visitor.user.name, rule, method, codes)
    assert everything() == before


@pytest.mark.any_database
def test_an_anonymous_visitor_is_sent_to_the_log_in_whatever_exists(routes, things, anonymous):
    before = everything()
    for rule, method in routes:
        for answer in attempts(anonymous, rule, method, path(rule, things)):
            assert (answer.status_code, answer.location.split("?")[0]) == (303, "/login"), (rule, method)
    assert everything() == before


@pytest.mark.any_database
def test_who_reads_along_in_an_open_chat_may_look_and_come_in_and_nothing_else(routes, things, chat, charlie):
    chat.kind = "open"
    db.session.commit()
    charlie.log_in()
    for rule, method in in_reach_of_few(routes):
        before = everything()
        with undone():
            codes = {answer.status_code for answer in attempts(charlie, rule, method, path(rule, things))}
            if rule.endpoint not in FOR_READERS:
                assert codes <= {403, 404, 405}, (rule, method, codes)
                assert everything() == before, (rule, method)


# The lock

REMOVED = "DELETE FROM memberships WHERE user_id = :user"
CLOSED = "UPDATE chats SET kind = 'closed'"


@contextlib.contextmanager
def while_it_waits_for_the_chat(statement: str, user_id: int):
    """What happens between a request's first look and its lock. The list gets what the database holds then."""
    found = []

    def happen() -> None:
        if not found:
            found.append(None)  # what follows locks too
            with db.engine.begin() as other:
                other.execute(text(statement), {"user": user_id} if ":user" in statement else {})
            found[0] = contents()

    with pytest.MonkeyPatch.context() as patch:
        for owner, name, lock in ((Chat, "lock", Chat.lock), (sending, "lock_found", sending.lock_found)):
            patch.setattr(owner, name, lambda *given, lock=lock: (happen(), lock(*given))[1])
        yield found


def test_whoever_is_removed_while_a_request_waits_for_the_chat_changes_nothing(routes, things, alice):
    alice.log_in()
    assert changed_too_late(routes, things, alice, REMOVED) > 15


def test_whoever_reads_an_open_chat_that_closes_while_a_request_waits_for_it_changes_nothing(
    routes, things, chat, charlie
):
    chat.kind = "open"
    db.session.commit()
    charlie.log_in()
    assert changed_too_late(routes, things, charlie, CLOSED) > 5


def changed_too_late(routes, things, visitor, statement: str) -> int:
    """The number of requests that have waited for the chat."""
    waited = 0
    for rule, method in routes:
        for verb in verbs(rule) if method not in SAFE else []:
            with undone(), while_it_waits_for_the_chat(statement, visitor.id) as found:
                attempt(visitor, rule, method, path(rule, things), verb)
                assert found in ([], [everything()]), (rule, method, verb)
                waited += len(found)
    return waited


# The edge

PACKAGE = str(Path(chatapp.__file__).parent)


@pytest.fixture
def changes(app, things, alice, admin, charlie) -> list[tuple]:
    """A valid request to each route that may change something: ``(visitor, rule, method, path, verb)``."""
    found = []
    for rule, method in unsafe(app):
        user = (admin if rule.endpoint.startswith(FOR_ADMINS) else alice).user
        found += [(Visitor(app, user), rule, method, path(rule, things), verb) for verb in verbs(rule)]
    assert len(found) > 30
    return found


@contextlib.contextmanager
def committers():
    """Collects the functions that have the database commit, as ``edge.committed``. There is one for each commit."""
    functions = []

    def note(connection) -> None:
        frame = sys._getframe()
        while frame and not frame.f_code.co_filename.startswith(PACKAGE):
            frame = frame.f_back
        functions.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_qualname}" if frame else "elsewhere")

    event.listen(db.engine, "commit", note)
    try:
        yield functions
    finally:
        event.remove(db.engine, "commit", note)


#: What the edge may commit in one request.
ONCE = ["edge.committed.<locals>.attempt"]
#: And what may come before it: the end of a transaction that has changed nothing.
READ = "edge.release_connection"


def test_every_change_is_committed_by_the_edge_and_by_nothing_else(changes):
    for visitor, rule, method, address, verb in changes:
        with undone():
            visitor.token  # noqa: B018  logs in, which is a commit of its own
            with committers() as functions:
                answer = attempt(visitor, rule, method, address, verb)
        if answer.status_code == 405:  # the other method that a plain form may name
            assert verb and functions == [], (rule, verb)
            continue
        assert answer.status_code < 400, (rule, method, verb, answer.status_code)
        assert [function for function in functions if function != READ] == ONCE, (rule, method, verb)


@pytest.mark.any_database
def test_what_is_refused_commits_nothing(changes):
    refused = 0
    for visitor, rule, method, address, verb in changes:
        with undone():
            visitor.token  # noqa: B018
            with committers() as functions:
                answer = attempt(visitor, rule, method, address, verb, REFUSED)
        if answer.status_code >= 400:
            assert [function for function in functions if function != READ] == [], (rule, method, verb)
            refused += answer.status_code == 422
    assert refused > 8


@pytest.mark.any_database
def test_what_is_out_of_reach_commits_nothing(changes, charlie):
    for _, rule, method, address, verb in changes:
        if rule.arguments and rule.endpoint not in FOR_ACCOUNTS | FOR_EVERYBODY:
            charlie.token  # noqa: B018
            with committers() as functions:
                assert attempt(charlie, rule, method, address, verb).status_code in (404, 405)
            assert functions == [], (rule, method, verb)


@contextlib.contextmanager
def deadlock_at_first():
    """Makes the database give up the first commit of a change. The list has an entry for each commit with changes."""
    commits = []

    def give_up(session) -> None:
        if session.in_nested_transaction() or not (session.new or session.dirty or session.deleted or writes(session)):
            return
        commits.append(session)
        if len(commits) == 1:
            raise OperationalError("COMMIT", {}, psycopg.errors.DeadlockDetected())

    event.listen(DatabaseSession, "before_commit", give_up)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(transactions, "PAUSE", 0)  # nobody else is there to take a lock
            yield commits
    finally:
        event.remove(DatabaseSession, "before_commit", give_up)


def writes(session) -> bool:
    return transactions.notes(session).written


@pytest.mark.any_database
def test_every_change_is_made_once_and_all_the_same_when_the_database_gives_its_first_try_up(changes):
    made = 0
    for visitor, rule, method, address, verb in changes:
        with undone():
            visitor.token  # noqa: B018
            usual = attempt(visitor, rule, method, address, verb).status_code
        with undone():
            visitor.log_in().token  # noqa: B018
            with deadlock_at_first() as commits:
                assert attempt(visitor, rule, method, address, verb).status_code == usual, (rule, method, verb)
        assert len(commits) in (0, 2), (rule, method, verb)
        made += len(commits) == 2
    assert made > 20
