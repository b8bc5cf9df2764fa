import re
import threading
from contextlib import ExitStack

import pytest

from chatapp.extensions import db, turbo
from chatapp.models import Chat, Session, access
from chatapp.turbo import Connection, Cursor, Hub, Overloaded, line
from tests.browserless import parse
from tests.servers import wait_until


@pytest.fixture(autouse=True)
def no_connection_stays(app):
    yield
    wait_until(lambda: len(turbo.hub.line) == turbo.hub.connection_count == 0)


def path(chat, revision=None, **query) -> str:
    query = {"revision": chat.revision if revision is None else revision, **query}
    return f"/chats/{chat.id}/stream?" + "&".join(f"{name}={value}" for name, value in query.items())


def poll(visitor, chat, revision=None, **headers):
    """What was missed, by an answer that ends at once."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return visitor.get(path(chat, revision, wait=0), headers=names)


def changes(answer) -> list:
    return [event for event in parse([answer.text]) if event.data and event.name is None]


class Live:
    """An open stream, which a thread reads. A context manager."""

    def __init__(self, visitor, chat):
        before = set(turbo.hub.connections())
        self.answer = visitor.get(path(chat), buffered=False)
        self.connection = next(iter(set(turbo.hub.connections()) - before))
        self.text = ""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.read_until("event: beat")

    def __enter__(self) -> "Live":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def read_until(self, text: str) -> str:
        wait_until(lambda: text in self.text, what=repr(text))
        return self.text

    def read_to_the_end(self) -> str:
        wait_until(lambda: not self._thread.is_alive(), what="the stream to end")
        return self.text

    def close(self) -> None:
        self.connection.end()
        self._thread.join(10)
        self.answer.close()

    def _read(self) -> None:
        for chunk in self.answer.iter_encoded():
            self.text += chunk.decode()


def test_the_headers_forbid_every_layer_to_hold_it_back(alice, chat):
    with Live(alice, chat) as live:
        headers = live.answer.headers
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache, no-transform"
    assert headers["X-Accel-Buffering"] == "no"
    assert "Content-Length" not in headers and "Set-Cookie" not in headers


def test_the_first_bytes_come_at_once(alice, chat):
    with Live(alice, chat) as live:
        text = live.read_until("data: 600\n\n")
    assert re.fullmatch(rf"retry: \d+\n\nid: {chat.revision}\n\nevent: beat\ndata: 600\n\n", text)


def test_a_message_arrives(alice, bob, chat):
    with Live(alice, chat) as live:
        bob.send(chat, "Hello Alice")
        assert "Hello Alice" in live.read_until("Hello Alice")


def test_a_stream_keeps_no_database_connection(alice, chat):
    with Live(alice, chat):
        assert db.engine.pool.checkedout() <= 1  # that of the test


def test_a_stream_that_nobody_reads_is_given_back(alice, chat):
    alice.get(path(chat), buffered=False).close()
    assert turbo.hub.connection_count == 0


# Rights


def test_outsiders_get_404(charlie, removed, chat):
    assert poll(charlie, chat).status_code == poll(removed, chat).status_code == 404


def test_an_anonymous_visitor_is_asked_to_log_in(anonymous, chat):
    assert poll(anonymous, chat).location.startswith("/login")


def test_a_chat_that_does_not_exist_looks_no_different(charlie, anonymous, chat):
    for visitor in (charlie, anonymous):
        there, nowhere = poll(visitor, chat), visitor.get("/chats/7777777/stream?revision=1&wait=0")
        assert there.status_code == nowhere.status_code


def test_who_comes_back_and_may_no_longer_read_gets_204_which_ends_an_eventsource(charlie, removed, anonymous, chat):
    for visitor in (charlie, removed, anonymous):
        answer = poll(visitor, chat, Last_Event_ID="1")
        assert (answer.status_code, answer.data) == (204, b"")


def test_to_be_removed_ends_the_stream_at_once(alice, bob, chat):
    with Live(bob, chat) as live:
        alice.turbo("DELETE", f"/chats/{chat.id}/members/{bob.id}")
        alice.send(chat, "Without Bob")
        assert "Without Bob" not in live.read_to_the_end()


def test_to_log_out_ends_the_stream_at_once_and_only_that_of_this_session(client, alice, chat):
    here, there = client(alice.user), client(alice.user)
    with Live(here, chat) as ends, Live(there, chat) as stays:
        here.submit("/logout")
        ends.read_to_the_end()
        there.send(chat, "Still here")
        assert "Still here" in stays.read_until("Still here")


def test_to_end_a_session_elsewhere_ends_its_stream(client, alice, chat):
    other = client(alice.user)
    with Live(other, chat) as live:
        session = db.session.scalar(db.select(Session.id).filter_by(user_id=alice.id).order_by(Session.id))
        alice.submit(f"/sessions/{session}", method="DELETE")
        live.read_to_the_end()


def test_to_be_deactivated_ends_all_streams(bob, chat):
    with Live(bob, chat) as live:
        bob.user.deactivate()
        db.session.commit()
        live.read_to_the_end()


def test_an_open_chat_that_closes_ends_the_streams_of_those_who_only_read_along(alice, charlie):
    chat = Chat.start(alice.user, "For all", kind="open", assistant="never")
    db.session.commit()
    with Live(charlie, chat) as live:
        alice.submit(f"/chats/{chat.id}", {"title": "For us", "kind": "closed"}, method="PATCH")
        live.read_to_the_end()
    assert poll(charlie, chat, Last_Event_ID="1").status_code == 204


def test_who_loses_access_while_the_stream_begins_gets_none(bob, chat, monkeypatch):
    bob.get("/")
    monkeypatch.setattr(turbo, "_withdrawn", lambda cursors: cursors)
    assert poll(bob, chat).status_code == 204


def test_withdrawals_that_nobody_told_are_found_in_the_database(client, alice, bob, charlie, chat):
    session = {user: user.log_in() and newest_session(user) for user in (alice, bob, charlie)}
    cursors = [cursor(chat, user, session[user]) for user in (alice, bob, charlie)]
    assert access.withdrawn(cursors) == [cursors[2]]
    bob.user.deactivate()
    db.session.delete(db.session.get(Session, session[alice]))
    db.session.commit()
    assert access.withdrawn(cursors) == cursors
    assert access.withdrawn([]) == []


def newest_session(visitor) -> int:
    return db.session.scalar(db.select(db.func.max(Session.id)).filter_by(user_id=visitor.id))


def cursor(chat, visitor, session_id: int) -> Cursor:
    tags = [f"user:{visitor.id}", f"session:{session_id}"]
    return Connection({chat.stream_name: 0}, tags).cursors[chat.stream_name]


# Cursors


def test_the_answer_holds_what_was_missed(alice, bob, chat):
    cursor = chat.revision
    bob.send(chat, "Missed this")
    answer = poll(alice, chat, cursor)
    assert [(event.id, "Missed this" in event.data) for event in changes(answer)] == [(str(cursor + 1), True)]


def test_nothing_missed_is_nothing_sent(alice, chat):
    assert changes(poll(alice, chat)) == []


def test_the_header_wins_over_the_address(alice, bob, chat):
    cursor = chat.revision
    bob.send(chat, "One")
    bob.send(chat, "Two")
    answer = poll(alice, chat, cursor, Last_Event_ID=str(cursor + 1))
    assert "One" not in answer.text and "Two" in answer.text


@pytest.mark.parametrize(
    "cursor", ["", "abc", "-1", "1.5", "99999999", "9" * 20, "9" * 5000, "%D9%A3", "1e3", "0x1", "%20", "null"]
)
def test_a_cursor_that_is_none_gets_the_whole_page_and_never_an_error(alice, bob, chat, cursor):
    bob.send(chat, "Hello")
    answer = poll(alice, chat, cursor)
    assert answer.status_code == 200
    assert f'action="replace" target="messages_chat_{chat.id}"' in changes(answer)[0].data


@pytest.mark.parametrize("cursor", ["abc", "-1", "9" * 5000, "99999999"])
def test_a_header_that_is_no_cursor_gets_the_whole_page_too(alice, bob, chat, cursor):
    bob.send(chat, "Hello")
    assert f'target="messages_chat_{chat.id}"' in poll(alice, chat, Last_Event_ID=cursor).text


def test_an_address_without_a_cursor_gets_the_whole_page(alice, bob, chat):
    bob.send(chat, "Hello")
    assert f'target="messages_chat_{chat.id}"' in alice.get(f"/chats/{chat.id}/stream?wait=0").text


# Networks that hold streams


def test_an_answer_that_waits_ends_with_the_first_change(alice, bob, chat):
    answer = alice.get(path(chat, wait=30), buffered=False)
    chunks = answer.iter_encoded()
    next(chunks)
    bob.send(chat, "Hello")
    assert b"Hello" in b"".join(chunks)
    answer.close()


def test_an_answer_that_waits_for_nothing_ends_when_it_said(alice, chat):
    assert changes(alice.get(path(chat, wait=0.1))) == []


def test_a_passing_state_ends_an_answer_that_waits_and_not_a_stream(alice, bob, chat):
    answer = alice.get(path(chat, wait=30), buffered=False)
    chunks = answer.iter_encoded()
    next(chunks)
    with Live(alice, chat) as live:
        bob.turbo("POST", f"/chats/{chat.id}/typing")
        assert b"Bob" in b"".join(chunks)
        live.read_until("Bob")
        bob.send(chat, "Typed")
        live.read_until("Typed")
    answer.close()


@pytest.mark.parametrize(
    ("wanted", "given"),
    [("5", 5), ("2.5", 2.5), ("0", 2), ("-1", 2), ("9999", 600), ("inf", 600), ("nan", 600), ("x", 600)],
)
def test_a_page_may_ask_for_a_shorter_heartbeat_within_bounds(alice, chat, wanted, given):
    answer = alice.get(path(chat, beat=wanted), buffered=False)
    assert f"event: beat\ndata: {given}\n\n".encode() in next(answer.iter_encoded())
    assert [connection.interval for connection in turbo.hub.connections()] == [given]
    answer.close()


@pytest.mark.parametrize("wait", ["-5", "0", "0.0", "-inf"])
def test_a_wait_below_nothing_is_none(alice, chat, wait):
    assert alice.get(path(chat, wait=wait)).status_code == 200


@pytest.mark.parametrize("wait", ["nan", "abc", ""])
def test_a_wait_that_is_no_number_is_a_stream(alice, chat, wait):
    answer = alice.get(path(chat, wait=wait), buffered=False)
    assert next(answer.iter_encoded())
    assert [connection.wait for connection in turbo.hub.connections()] == [None]
    answer.close()


def test_a_wait_is_never_longer_than_routers_allow(alice, chat):
    answer = alice.get(path(chat, wait="inf"), buffered=False)
    assert [connection.wait for connection in turbo.hub.connections()] == [50]
    answer.close()


# Too many


def test_an_overloaded_process_answers_with_a_time_to_come_back_and_never_with_an_error(alice, chat, monkeypatch):
    monkeypatch.setattr(turbo.hub, "limit", 0)
    answer = poll(alice, chat)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    assert 5000 <= int(re.fullmatch(r"retry: (\d+)\n\n", answer.text)[1]) <= 15000
    with pytest.raises(Overloaded):
        turbo.hub.begin(Connection({chat.stream_name: 0}))


def test_a_process_that_is_about_to_end_sends_on_to_the_next_one_soon(alice, chat, monkeypatch):
    ending = Hub("redis://nowhere", turbo.hub.source)
    ending.close()
    monkeypatch.setattr(turbo, "hub", ending)
    assert 1000 <= int(re.fullmatch(r"retry: (\d+)\n\n", poll(alice, chat).text)[1]) <= 3000


@pytest.fixture
def crowd():
    """As many streams as may are just beginning, until ``crowd.close()``. So the next one stands in line."""
    with ExitStack() as stack:
        for _ in range(turbo.hub.line.at_once):
            wait_until(lambda: stack.enter_context(turbo.hub.line.turn()))  # the test before may still have one
        yield stack


def begin_in_line(visitor, chat):
    """An answer that has to stand in line, and its bytes."""
    answer = visitor.get(path(chat), buffered=False)
    return answer, answer.iter_encoded()


def test_who_stands_in_line_hears_a_heartbeat_at_once_and_the_rest_in_its_turn(alice, bob, chat, crowd):
    cursor = chat.revision
    bob.send(chat, "Missed")
    answer = alice.get(path(chat, cursor), buffered=False)
    chunks = answer.iter_encoded()
    assert b"event: beat" in next(chunks)
    assert bob.get(f"/chats/{chat.id}").status_code == 200 and turbo.hub.connection_count == 0
    crowd.close()
    assert b"Missed" in next(chunks)
    answer.close()


def test_who_goes_while_standing_in_line_costs_nothing(alice, bob, chat, crowd):
    cursor = chat.revision
    bob.send(chat, "Missed")
    catch_ups = turbo.hub.figures["catch_ups"]
    for _ in range(5):
        alice.get(path(chat, cursor), buffered=False).close()
    assert len(turbo.hub.line) == 5
    crowd.close()
    wait_until(lambda: len(turbo.hub.line) == 0)
    assert turbo.hub.figures["catch_ups"] == catch_ups


def test_outsiders_who_stand_in_line_learn_nothing(charlie, removed, anonymous, bob, chat, crowd):
    bob.send(chat, "Secret")
    answers = [visitor.get(path(chat, 1), buffered=False) for visitor in (charlie, removed)]
    assert poll(anonymous, chat).location.startswith("/login")
    crowd.close()
    for answer in answers:
        text = b"".join(answer.iter_encoded()).decode()
        assert "Secret" not in text and "event: retry" in text
        answer.close()


def test_a_line_that_does_not_move_is_left_after_a_while(alice, chat, crowd, monkeypatch):
    monkeypatch.setattr(line, "STANDSTILL", 0)
    text = alice.get(path(chat)).text
    assert 5000 <= int(re.search(r"event: retry\ndata: (\d+)\n\n", text)[1]) <= 15000
    assert len(turbo.hub.line) == 0


def test_who_stands_in_line_takes_a_place_of_the_process_too(alice, chat, crowd, monkeypatch):
    first, _ = begin_in_line(alice, chat)
    monkeypatch.setattr(turbo.hub, "limit", 1)
    assert "event: beat" not in poll(alice, chat).text
    first.close()


def test_one_user_s_oldest_stream_gives_way_when_there_are_too_many(alice, bob, chat, monkeypatch):
    monkeypatch.setattr(turbo.limit, "most", 2)
    lives = [Live(alice, chat) for _ in range(2)]
    of_bob = Live(bob, chat)
    newest = Live(alice, chat)
    retries = re.findall(r"retry: (\d+)", lives[0].read_to_the_end())
    assert len(retries) == 2 and int(retries[1]) >= 15_000
    assert turbo.hub.connection_count == 4
    wait_until(lambda: sum(connection.ended for connection in turbo.hub.connections()) == 1)
    for live in (*lives, of_bob, newest):
        live.close()
