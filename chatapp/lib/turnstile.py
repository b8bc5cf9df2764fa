"""Lets the requests of a crowd in a few at a time, so that other requests get their turn in between.

Loaded by path, before gevent has patched the process: see gunicorn.conf.py.
"""

from collections import deque

import gevent
from gevent.event import Event

#: Requests let in at each turn of the event loop. Each may compute for about a millisecond.
EACH_TURN = 4
#: The same while more connections come than a turn takes. A request for a page may be among them.
WHILE_MORE_COME = 1
#: Seconds. Not 0: gevent looks at its sockets only in a sleep longer than 0.
PAUSE = 1e-9


class Turnstile:
    """Each request of the crowd waits in ``enter``, as a greenlet and in the order in which they came.

    ``more_come`` is True if connections still wait to be taken. Each turn resets it.
    """

    def __init__(self):
        self.more_come = False
        self._waiting: deque[Event] = deque()
        self._let_in = 0  # in this turn
        self._turning = False

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self) -> None:
        """Return when it is the caller's turn: at once, unless a crowd has come."""
        if not self._turning:
            self._turning = True
            gevent.spawn(self._turn)
        if self._let_in < EACH_TURN and not self._waiting:
            self._let_in += 1
            return
        turn = Event()
        self._waiting.append(turn)
        turn.wait()

    def _turn(self) -> None:
        while self._let_in:
            gevent.sleep(PAUSE)
            most, self.more_come = WHILE_MORE_COME if self.more_come else EACH_TURN, False
            self._let_in = min(most, len(self._waiting))
            for _ in range(self._let_in):
                self._waiting.popleft().set()
        self._turning = False
