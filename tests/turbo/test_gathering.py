"""Changes of a busy stream go out together."""

from collections import Counter
from queue import Empty
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.turbo import channel as channels
from chatapp.turbo import gathering
from chatapp.turbo.channel import CROWD, LONGEST_PAUSE, PAUSE_FOR_EACH, Channel
from chatapp.turbo.gathering import Gathering

from .test_channel import Reader, frame

PAUSE = CROWD * PAUSE_FOR_EACH


@pytest.fixture
def clock(monkeypatch):
    """Moves when it is told to, or when somebody sleeps."""

    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

        def sleep(self, seconds: float) -> None:
            self.now += seconds

    clock = Clock()
    for module in (channels, gathering):
        monkeypatch.setattr(module, "time", clock)
    return clock


def crowded(readers: int = CROWD) -> tuple[Channel, list[Reader]]:
    channel, crowd = Channel("page:1"), [Reader(10) for _ in range(readers)]
    channel.cursors.update(crowd)
    channel.begin(10)
    return channel, crowd


def test_the_first_change_goes_out_at_once_and_those_behind_it_go_together(clock):
    channel, crowd = crowded()
    for revision in (11, 12, 13, 14):
        channel.receive(frame(revision))
        clock.sleep(PAUSE / 10)
    assert crowd[0].seen == [11] and channel.gathers and not channel.has_gap
    channel.hand_out_early()
    assert all(reader.seen == [11, 14] for reader in crowd)
    assert not channel.gathers


def test_what_is_gathered_is_one_frame_with_all_the_changes_in_their_order(clock, monkeypatch):
    channel, crowd = crowded()
    handed = []
    monkeypatch.setattr(channel, "_hand_out", handed.append)
    channel.due = clock.now + PAUSE
    for revision in (12, 11, 13):
        channel.receive(frame(revision))
    channel.hand_out_early()
    (one,) = handed
    assert (one.after, one.revision, one.html) == (10, 13, "<11><12><13>")


def test_changes_that_come_one_by_one_do_not_wait(clock):
    channel, crowd = crowded()
    for revision in (11, 12, 13):
        channel.receive(frame(revision))
        clock.sleep(PAUSE)
    assert crowd[0].seen == [11, 12, 13]


def test_a_few_readers_get_each_change_at_once(clock):
    channel, crowd = crowded(CROWD - 1)
    for revision in (11, 12, 13):
        channel.receive(frame(revision))
    assert crowd[0].seen == [11, 12, 13]


def test_a_gap_among_them_shows_and_what_stands_before_it_goes_out(clock):
    channel, crowd = crowded()
    for revision in (11, 12, 14):
        channel.receive(frame(revision))
    assert channel.has_gap
    channel.hand_out_early()
    assert crowd[0].seen == [11, 12] and channel.has_gap
    channel.fill(frame(13, after=12))
    assert crowd[0].seen == [11, 12, 13, 14]


def test_what_the_database_tells_meanwhile_is_not_told_again(clock):
    channel, crowd = crowded()
    for revision in (11, 12, 13):
        channel.receive(frame(revision))
    channel.fill(frame(13, after=11))
    channel.hand_out_early()
    assert crowd[0].seen == [11, 13]


class Waiting:
    """A queue that lets the clock go on while somebody waits for more. Whoever waits without an end closes it."""

    def __init__(self, clock, gathering: Gathering):
        self.clock, self.gathering, self.added = clock, gathering, []

    def put(self, one: Channel | None) -> None:
        self.added.append(one)

    def get(self, timeout: float | None) -> Channel | None:
        if self.added:
            return self.added.pop(0)
        if timeout is None:
            return self.gathering.close()
        self.clock.sleep(timeout)
        raise Empty


@pytest.fixture
def gathered(clock) -> Gathering:
    gathered = Gathering(SimpleNamespace(lock=Channel("page:1").reading), Counter())
    gathered._gathering = Waiting(clock, gathered)
    return gathered


def test_it_is_handed_out_when_it_is_due_and_counted(clock, gathered):
    channel, crowd = crowded()
    for revision in (11, 12, 13):
        channel.receive(frame(revision))
    due = channel.due
    gathered.add(channel)
    gathered.serve()
    assert clock.now == due and crowd[0].seen == [11, 13]
    assert gathered.figures == {"gathered": 1, "deliveries": CROWD}


def test_a_larger_crowd_waits_longer_and_holds_nobody_up(clock, gathered):
    """As long as writing to it takes a tenth of the time, up to 0.4 seconds."""
    (large, readers), (small, few) = crowded(10 * CROWD), crowded()
    began = clock.now
    for channel in (large, small):
        for revision in (11, 12, 13):
            channel.receive(frame(revision))
        gathered.add(channel)
    seen = []
    few[0].offer = lambda frame: seen.append(("few", clock.now - began))
    readers[0].offer = lambda frame: seen.append(("many", clock.now - began))
    gathered.serve()
    assert seen == [("few", pytest.approx(PAUSE)), ("many", pytest.approx(10 * PAUSE))]
    assert crowded(100 * CROWD)[0].pause == LONGEST_PAUSE


def test_one_that_fails_leaves_the_others_in_line(clock, gathered):
    (failing, readers), (channel, crowd) = crowded(), crowded()
    for found in (failing, channel):
        for revision in (11, 12):
            found.receive(frame(revision))
        gathered.add(found)

    def fail(frame):
        raise OSError("unforeseen")

    readers[0].offer = fail
    with pytest.raises(OSError, match="unforeseen"):
        gathered.serve()
    gathered.serve()  # as the hub does
    assert crowd[0].seen == [11, 12]


@given(st.permutations(range(11, 21)), st.sets(st.integers(0, 9)))
def test_whatever_the_order_everybody_gets_to_the_end(order, pauses):
    channel, crowd = crowded()
    for place, revision in enumerate(order):
        channel.receive(frame(revision))
        if place in pauses:
            channel.hand_out_early()
    channel.hand_out_early()
    assert crowd[0].position == 20 and crowd[0].seen == sorted(crowd[0].seen)
    assert not channel.has_gap and not channel.gathers
