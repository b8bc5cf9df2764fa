"""Long loops that let other threads run in between."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Thing = TypeVar("Thing")

#: Seconds that a loop may run before other threads get their turn.
SLICE = 0.002
#: Things in a batch. One question to the database or Redis about all of them takes about a slice.
BATCH = 200
#: Seconds of the pause in between. Not 0: gevent looks at its sockets and timers only in a sleep longer than 0.
PAUSE = 1e-9


def sliced(things: Iterable[Thing]) -> Iterator[Thing]:
    """Iterate over ``things``, with a pause for the other threads of the process after each ``SLICE`` seconds."""
    until = time.perf_counter() + SLICE
    for thing in things:
        yield thing
        if time.perf_counter() > until:
            time.sleep(PAUSE)
            until = time.perf_counter() + SLICE


def batches(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    """Lists of up to ``BATCH`` of ``things``, with a pause for the other threads of the process after each."""
    things = list(things)
    for start in range(0, len(things), BATCH):
        yield things[start : start + BATCH]
        time.sleep(PAUSE)
