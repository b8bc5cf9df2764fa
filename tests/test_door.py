"""A crowd that comes for streams begins together, and is brought into the line in front of Flask."""

import runpy
import threading
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from chatapp.door import PATHS
from chatapp.extensions import db, turbo
from chatapp.turbo import line
from tests.browserless import parse
from tests.queries import statements
from tests.routes import address
from tests.servers import PROJECT, wait_until

FIFTY = 50
#: Of the question who reads, and of the one what of it, once the streams are listened to.
WHO, WHAT = "token_digest", "WITH pairs"


@pytest.fixture(autouse=True)
def no_connection_stays(app):
    yield
    wait_until(lambda: turbo.hub.line.calm and turbo.hub.connection_count == 0)


@pytest.fixture
def crowd(monkeypatch):
    """As many streams as may are just beginning, until ``crowd.close()``. So the next ones stand in line."""
    monkeypatch.setattr(turbo.limit, "most", 2 * FIFTY)
    for name in ("STANDSTILL", "POLL_GRACE"):
        monkeypatch.setattr(line, name, 300)
    with ExitStack() as stack:
        for _ in range(turbo.hub.line.at_once):
            assert stack.enter_context(turbo.hub.line.turn())
        yield stack


@pytest.fixture
def come(crowd):
    """``come(visitor, …)`` opens a stream of each in line. Lists of their bytes fill from then on."""
    with ExitStack() as stack:
        yield lambda path, *visitors: [stack.enter_context(InLine(visitor, path)) for visitor in visitors]


class InLine:
    """A stream that begins in line, which a thread reads. A context manager."""

    def __init__(self, visitor, path: str):
        self.answer = visitor.get(path, buffered=False)
        self.text = ""
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "InLine":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        for connection in {*turbo.hub.connections(), *turbo.hub.line.standing}:
            connection.end()
        self._thread.join(10)
        self.answer.close()

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    @property
    def changes(self) -> list:
        return [event for event in parse([self.text]) if event.data and event.name is None]

    def _read(self) -> None:
        for chunk in self.answer.iter_encoded():
            self.text += chunk.decode()


def path(chat, revision: int = 1) -> str:
    return f"/chats/{chat.id}/stream?revision={revision}"


@contextmanager
def after(question: str, do):
    """Call ``do()`` once, between the answer of the database to this question and what is made of it."""
    done = []

    def interfere(connection, cursor, statement, *_) -> None:
        if question in statement and not done and (question == WHO or WHO not in statement):
            done.append(statement)
            other = threading.Thread(target=do)
            other.start()
            other.join()

    event.listen(db.engine, "after_cursor_execute", interfere)
    try:
        yield done
        wait_until(lambda: len(turbo.hub.line) == 0)  # nobody else may ask while a listener is removed
    finally:
        event.remove(db.engine, "after_cursor_execute", interfere)


def questions(come, crowd, chat, *visitors) -> list[str]:
    """What the database is asked while these begin together."""
    streams = come(path(chat), *visitors)
    with statements() as seen:
        crowd.close()
        wait_until(lambda: all(stream.changes for stream in streams))
    for stream in streams:
        stream.answer.close()
    wait_until(lambda: turbo.hub.line.calm and turbo.hub.connection_count == 0)
    return [statement for statement, _ in seen]


def test_fifty_who_come_at_once_cost_as_many_questions_as_one(client, alice, bob, chat, come, crowd):
    bob.send(chat, "Missed")
    many = questions(come, crowd, chat, *(client(alice.user).log_in() for _ in range(FIFTY)))
    for _ in range(turbo.hub.line.at_once):
        crowd.enter_context(turbo.hub.line.turn())
    one = questions(come, crowd, chat, client(bob.user).log_in())
    assert len(many) == len(one)
    assert len([statement for statement in many if "sessions" in statement]) == 2
    assert len([statement for statement in many if "memberships.chat_id" in statement and "pairs" in statement]) == 2


def test_who_is_removed_while_the_batch_is_looked_up_gets_nothing(client, alice, bob, chat, come, crowd):
    alice.send(chat, "Secret")
    stays, goes = come(path(chat), client(alice.user).log_in(), client(bob.user).log_in())
    membership = f"/chats/{chat.id}/members/{bob.id}"
    with after(WHO, lambda: alice.turbo("DELETE", membership)) as done:
        crowd.close()
        wait_until(lambda: goes.ended and "Secret" in stays.text)
    assert done and "Secret" not in goes.text and not stays.ended


@pytest.mark.parametrize("question", [WHO, WHAT])
def test_who_logs_out_between_a_question_and_its_answer_loses_the_stream(
    client, alice, bob, chat, come, crowd, question
):
    going = client(bob.user).log_in()
    stays, goes = come(path(chat), client(bob.user).log_in(), going)
    with after(question, lambda: going.submit("/logout")) as done:
        crowd.close()
        wait_until(lambda: goes.ended)
    alice.send(chat, "Afterwards")
    wait_until(lambda: "Afterwards" in stays.text)
    assert done and "Afterwards" not in goes.text


def test_an_outsider_in_the_batch_gets_nothing_and_disturbs_nobody(client, alice, charlie, removed, chat, come, crowd):
    alice.send(chat, "Secret")
    visitors = charlie.log_in(), client(alice.user).log_in(), removed.log_in()
    outsider, member, former = come(path(chat), *visitors)
    crowd.close()
    wait_until(lambda: "Secret" in member.text and outsider.ended and former.ended)
    assert not {"Secret"} & {outsider.text, former.text} and not outsider.changes + former.changes
    assert not member.ended and turbo.hub.connection_count == 1


def test_a_database_that_fails_puts_the_whole_batch_off_and_the_next_one_begins(client, alice, chat, come, crowd):
    streams = come(path(chat), *(client(alice.user).log_in() for _ in range(3)))

    def fail(connection, cursor, statement, *_) -> None:
        if WHAT in statement and WHO not in statement:
            raise OperationalError(statement, {}, Exception("the connection was lost"))

    event.listen(db.engine, "before_cursor_execute", fail)
    try:
        crowd.close()
        wait_until(lambda: all(stream.ended for stream in streams) and len(turbo.hub.line) == 0)
    finally:
        event.remove(db.engine, "before_cursor_execute", fail)
    assert all("event: retry" in stream.text for stream in streams)
    assert turbo.hub.connection_count == len(turbo.hub.line) == turbo.hub.stream_count == 0
    (later,) = come(path(chat), alice)
    wait_until(lambda: turbo.hub.connection_count == 1 and not later.ended)


def test_answers_in_front_of_flask_have_the_headers_of_all_others(client, alice, chat, come, crowd):
    (early,) = come(path(chat), alice)
    crowd.close()
    wait_until(lambda: turbo.hub.connection_count == 1 and len(turbo.hub.line) == 0)
    late = alice.get(path(chat) + "&wait=30", buffered=False)
    both = [dict(answer.headers) for answer in (early.answer, late)]
    late.close()
    ids = [headers.pop("X-Request-Id") for headers in both]
    assert both[0] == both[1] and ids[0] != ids[1]


def test_whoever_proves_nothing_gets_the_same_answer_in_a_crowd(app, client, alice, anonymous, chat, crowd):
    forged = client(alice.user).log_in()
    cookie = forged.http.get_cookie("plainwire").value
    forged.http.set_cookie("plainwire", cookie[:-2] + ("AA" if not cookie.endswith("AA") else "BB"))
    forged._logged_in = True
    for visitor in (anonymous, forged):
        assert visitor.get(path(chat)).location.startswith("/login")
        assert visitor.get(path(chat), headers={"Last-Event-ID": "1"}).status_code == 204
    assert alice.get("/stream").status_code == 404
    assert len(turbo.hub.line) == 0


def test_a_foreign_host_name_gets_the_same_answer_in_a_crowd(app, alice, chat, crowd, monkeypatch):
    alice.log_in()
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["chat.example.com"])
    assert alice.get(path(chat)).status_code == 400


def test_streams_count_for_the_rate_of_their_log_in_wherever_they_begin(app, alice, chat, come, crowd, monkeypatch):
    monkeypatch.setitem(app.config, "STREAM_RATE", "2 per hour")
    in_line = come(path(chat), *[alice] * 2)
    crowd.close()
    wait_until(lambda: turbo.hub.connection_count == 2 and len(turbo.hub.line) == 0)
    assert "event: beat" not in alice.get(path(chat) + "&wait=0").text
    for _ in range(turbo.hub.line.at_once):
        crowd.enter_context(turbo.hub.line.turn())
    (third,) = come(path(chat), alice)
    crowd.close()
    wait_until(lambda: third.ended)
    assert "event: retry" in third.text and not any(stream.ended for stream in in_line)


def test_the_door_and_the_web_server_know_all_addresses_of_streams_and_no_others(app):
    crowd = runpy.run_path(str(PROJECT / "gunicorn.conf.py"))["worker_class"].crowd
    for route in app.url_map.iter_rules():
        if "GET" in route.methods:
            place, is_stream = address(route), route.endpoint.startswith("streams.")
            assert bool(PATHS.fullmatch(place)) == is_stream, route
            assert bool(crowd.match(f"GET {place} HTTP/1.1".encode())) == is_stream, route
