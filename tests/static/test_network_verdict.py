"""The arithmetic of static/lib/network_verdict.js, in Node: it needs no browser."""

import json
import subprocess

import pytest

from tests.servers import PROJECT

MODULE = PROJECT / "static" / "lib" / "network_verdict.js"
SCRIPT = """
const [module, name, given] = process.argv.slice(1)
console.log(JSON.stringify((await import(module))[name](...JSON.parse(given)) ?? null))
"""


def call(name: str, *given):
    command = ["node", "--input-type=module", "-e", SCRIPT, MODULE.as_uri(), name, json.dumps(given)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measured(*arrivals: int, ended: int, **more) -> dict:
    """Events that were sent a second apart, and when they came, in ms."""
    events = [{"number": n + 1, "sentAt": 1000 * n, "arrivedAt": at} for n, at in enumerate(arrivals)]
    return {"events": events, "whole": len(arrivals) == 4, "lost": False, "endedAt": ended, **more}


STREAMING = measured(20, 1020, 2030, 3020, ended=4020)
ONE_BACK = measured(1020, 2020, 3020, 4020, ended=4020)
BUFFERED = measured(4020, 4020, 4021, 4021, ended=4022)


@pytest.mark.parametrize(
    ("measurement", "kind"),
    [
        (STREAMING, "streaming"),
        (measured(1800, 2800, 3800, 4800, ended=5800), "streaming"),  # far away, and yet a stream
        (measured(1900, 1901, 2100, 3100, ended=4100), "streaming"),  # begins slowly
        (measured(20, 1020, 2990, 3030, ended=4020), "streaming"),  # one hiccup
        (measured(20, 1020, 2020, 3020, ended=9000), "streaming"),  # the end alone is late
        (ONE_BACK, "delayed-one"),
        (measured(2900, 3900, 4900, 5900, ended=5900), "delayed-one"),  # far away as well
        (measured(20, 2020, 3020, 4020, ended=4020), "delayed-one"),  # the first came with the head of the answer
        (measured(2020, 3020, 4020, 4020, ended=4020), "delayed"),  # two back
        (BUFFERED, "buffered"),
        (measured(20, 1020, 2020, ended=3000), "cut-total"),
        (measured(20, 1020, 2020, 3020, ended=3030), "cut-total"),  # after the last event
        (measured(20, ended=12000, lost=True), "cut-lost"),
        (measured(ended=12000, lost=True), "blocked"),
        (measured(ended=3000), "blocked"),
        ({"trouble": "Something answered 502 instead of a stream.", "events": []}, "blocked"),
    ],
)
def test_the_network_is_told_by_what_it_did(measurement, kind):
    assert call("verdictOn", measurement)["kind"] == kind


def test_what_was_held_back_and_when_it_was_cut_is_told_in_seconds():
    assert call("verdictOn", ONE_BACK)["seconds"] == pytest.approx(1)
    assert call("verdictOn", BUFFERED)["seconds"] == pytest.approx(4, abs=0.01)
    assert call("verdictOn", measured(20, 1020, 2020, ended=3000))["seconds"] == 3


def test_what_is_in_the_way_is_named():
    trouble = "Something answered 502 instead of a stream."
    assert call("verdictOn", {"trouble": trouble, "events": []}) == {"kind": "blocked", "trouble": trouble}


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (measured(20, ended=10_020), measured(20, 1020, 2020, ended=12_020), {"kind": "cut-silence", "seconds": 10}),
        (measured(20, ended=10_000), measured(20, 1020, 2020, ended=10_010), {"kind": "cut-total", "seconds": 10}),
        (measured(20, ended=10_000), STREAMING, {"kind": "cut", "seconds": 10}),
        (measured(20, ended=23_000, lost=True), STREAMING, {"kind": "cut-lost", "seconds": 23}),
    ],
)
def test_two_cuts_tell_silence_from_age(first, second, verdict):
    assert call("verdictOnCuts", first, second) == verdict


def test_the_figures_are_those_of_the_events():
    expected = {"first": 1020, "spread": 3000, "sentSpread": 3000, "latest": 1000, "lasted": 4020}
    assert call("figures", ONE_BACK) == expected


def test_where_nothing_came_there_are_no_figures():
    assert set(call("figures", {"trouble": "No.", "events": []}).values()) == {None}


@pytest.mark.parametrize(("seconds", "kind"), [(5, "cut-heartbeat"), (15, "cut-heartbeat"), (16, "cut-silence")])
def test_a_cut_matters_when_the_silence_is_shorter_than_the_heartbeat(seconds, kind):
    assert call("verdictWith", 15, {"kind": "cut-silence", "seconds": seconds}) == {"kind": kind, "seconds": seconds}


def test_other_verdicts_do_not_depend_on_the_heartbeat():
    assert call("verdictWith", 15, {"kind": "cut-total", "seconds": 5}) == {"kind": "cut-total", "seconds": 5}


def test_a_stream_under_another_name_is_told_from_one_that_is_held_back():
    assert call("verdictOn", STREAMING | {"retyped": "text/plain"}) == {"kind": "retyped", "type": "text/plain"}
    assert call("verdictOn", BUFFERED | {"retyped": "text/plain"})["kind"] == "buffered"


@pytest.mark.parametrize(("ms", "text"), [(None, "–"), (999.4, "999 ms"), (999.6, "1.0 s"), (1_250, "1.3 s")])
def test_a_duration_is_rounded_before_its_unit_is_chosen(ms, text):
    assert call("duration", ms) == text
