"""How often a growing text is shown."""

from time import monotonic

#: Seconds between two updates, at least. It is smooth to read.
SOONEST = 0.2
#: Seconds after which any new text is shown, however little it is.
LATEST = 2.0
#: New characters that are worth an update: some, and a fiftieth of what is shown. Each update writes and renders the
#: whole text, so with this share all updates together take at most about fifty times the work of one.
STEP, SHARE = 80, 50
#: An update that took a second is followed by this many seconds without one.
REST = 5


class Pace:
    """The first text at once, then a few updates a second, and fewer as the text gets longer or updates take long."""

    def __init__(self):
        self.shown: int | None = None  # characters
        self.began = self.ended = self.took = 0.0

    def is_due(self, length: int) -> bool:
        """Whether a text of this length has to be shown now. If so, ``done`` follows."""
        now = monotonic()
        waited = now - self.ended
        if self.shown is not None:
            if waited < max(SOONEST, REST * self.took):
                return False
            if waited < LATEST and length - self.shown < STEP + self.shown // SHARE:
                return False
        self.began = now
        return True

    def done(self, length: int) -> None:
        """The text of this length is shown."""
        self.shown, self.ended = length, monotonic()
        self.took = self.ended - self.began
