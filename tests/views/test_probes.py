import re
import time

import pytest

from chatapp.extensions import db, turbo
from chatapp.turbo import Hub
from chatapp.views.probes import RATE, events

EVENT = re.compile(r"id: (\d+)\ndata: (\d+)\n\n")


@pytest.fixture
def pauses(app, monkeypatch) -> list[float]:
    """Nothing waits; the seconds it would have waited are noted."""
    noted: list[float] = []
    monkeypatch.setattr(turbo.hub, "closed_within", lambda seconds: noted.append(seconds))
    return noted


def numbers(answer) -> list[int]:
    assert EVENT.sub("", answer.text) == ""
    return [int(number) for number, _ in EVENT.findall(answer.text)]


def test_an_anonymous_visitor_is_asked_to_log_in(anonymous):
    answer = anonymous.get("/connection/probe")
    assert answer.status_code == 303 and answer.location.startswith("/login?next=")


def test_it_has_the_headers_of_a_stream(alice, chat, pauses):
    probe = alice.get("/connection/probe")
    stream = alice.get(f"/chats/{chat.id}/stream?revision=0&wait=0")
    assert probe.headers["Cache-Control"] == "no-cache, no-transform"
    for name in ("Content-Type", "Cache-Control", "X-Accel-Buffering"):
        assert probe.headers[name] == stream.headers[name]
    assert "Content-Length" not in probe.headers


def test_it_says_one_number_a_second_and_ends_a_second_after_the_last(alice, pauses):
    assert numbers(alice.get("/connection/probe?seconds=3")) == [1, 2, 3]
    assert pauses == [1, 1, 1]


def test_a_silence_comes_after_the_numbers_and_one_more_number_after_it(alice, pauses):
    assert numbers(alice.get("/connection/probe?seconds=2&silence=15")) == [1, 2, 3]
    assert pauses == [1, 15]


def test_each_event_says_how_many_milliseconds_after_the_first_it_was_sent(alice):
    begun = time.monotonic()
    first, last = (int(sent) for _, sent in EVENT.findall(alice.get("/connection/probe?seconds=1&silence=1").text))
    assert last - first >= 1000 and last <= 1000 * (time.monotonic() - begun)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1] * 4),
        ("seconds=100", [1] * 8),
        ("seconds=0", [1]),
        ("seconds=-5&silence=-5", [1]),
        ("seconds=1&silence=3600", [60]),
        ("seconds=1e9&silence=never", [1] * 4),
        ("seconds=99999999999999999999", [1] * 8),
    ],
)
def test_the_numbers_are_bounded(alice, pauses, query, expected):
    assert numbers(alice.get(f"/connection/probe?{query}"))[0] == 1
    assert pauses == expected


def test_it_ends_with_the_process():
    assert len(list(events(8, 60, lambda seconds: True))) == 1


def test_the_hub_tells_at_once_that_it_closes(alice, monkeypatch):
    monkeypatch.setattr(turbo, "hub", Hub("redis://nowhere", turbo.hub.source))
    assert numbers(alice.get("/connection/probe?seconds=1")) == [1]
    turbo.hub.close()
    begun = time.monotonic()
    assert numbers(alice.get("/connection/probe?seconds=8&silence=60")) == [1]
    assert time.monotonic() - begun < 30


def test_it_holds_no_database_connection_while_it_runs(alice, monkeypatch):
    alice.log_in()
    db.session.remove()
    pool, held = db.engine.pool, []
    monkeypatch.setattr(turbo.hub, "closed_within", lambda seconds: held.append(pool.checkedout()))
    assert numbers(alice.get("/connection/probe?seconds=2")) == [1, 2]
    assert held == [0, 0]


def test_a_user_may_not_ask_all_the_time_and_others_may_still(alice, bob, pauses):
    for _ in range(int(RATE.split()[0])):
        assert alice.get("/connection/probe?seconds=1").status_code == 200
    assert alice.get("/connection/probe?seconds=1").status_code == 429
    assert bob.get("/connection/probe?seconds=1").status_code == 200


def test_something_can_be_sent_by_every_method_and_changes_nothing(alice, anonymous):
    for method in ("PATCH", "DELETE"):
        assert alice.turbo(method, "/connection/probe").status_code == 204
        assert alice.submit("/connection/probe", method=method).status_code == 204
        assert anonymous.submit("/connection/probe", method=method).status_code == 303
