"""How often a growing text is shown."""

import pytest

from chatapp.models.pace import LATEST, SHARE, SOONEST, STEP, Pace


@pytest.fixture
def clock(monkeypatch):
    """``clock.now`` is the time, in seconds."""

    class Clock:
        now = 1_000.0

    monkeypatch.setattr("chatapp.models.pace.monotonic", lambda: Clock.now)
    return Clock


def is_shown(pace: Pace, length: int) -> bool:
    if due := pace.is_due(length):
        pace.done(length)
    return due


def test_the_first_text_is_shown_at_once(clock):
    assert is_shown(Pace(), 1)


def test_more_is_shown_when_there_is_enough_of_it_and_not_too_soon(clock):
    pace = Pace()
    is_shown(pace, 1)
    assert not is_shown(pace, 500)
    clock.now += SOONEST + 0.01
    assert not is_shown(pace, STEP)
    assert is_shown(pace, STEP + 1)


def test_a_little_is_shown_after_a_while(clock):
    pace = Pace()
    is_shown(pace, 1)
    clock.now += LATEST
    assert is_shown(pace, 2)


def test_updates_that_take_long_are_followed_by_pauses(clock):
    pace = Pace()
    assert pace.is_due(1)
    clock.now += 0.5  # a slow database
    pace.done(1)
    clock.now += 1.0
    assert not pace.is_due(500)


def test_the_work_grows_with_the_length_and_not_with_its_square(clock):
    pace, work, limit = Pace(), [], 20_000
    for length in range(4, limit, 4):
        clock.now += 0.004
        if is_shown(pace, length):
            work.append(length)
    assert sum(work) <= SHARE * limit
