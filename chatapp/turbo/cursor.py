"""How far one reader has got in one stream."""

from .streams import Frame, quoted


class Cursor:
    """The place of ``connection`` in ``stream``: the reader was sent everything up to ``position``.

    Frames offered before ``start`` wait, because the catch-up goes first.
    """

    __slots__ = ("connection", "stream", "position", "origin", "name", "watched", "withdrawn", "_held")

    def __init__(self, connection, stream: str, position: int):
        self.connection, self.stream = connection, stream
        self.position = self.origin = position
        self.name = quoted(stream)
        self.withdrawn = False
        self.watched: frozenset[str] | None = None  # the owners that the reader is told about; see ``Attendance``
        self._held: list[Frame] | None = []

    @property
    def tags(self) -> frozenset[str]:
        """The tags of the connection, which name its owner."""
        return self.connection.tags

    @property
    def started(self) -> bool:
        """True once it is live."""
        return self._held is None

    def start(self, catch_up: Frame | None, newest: bool = False) -> None:
        """Go live: first the catch-up, then the frames that came meanwhile and are not in it.

        With ``newest`` all of them are in it, whatever their revisions: it was made under the lock that frames take.
        """
        held, self._held = self._held, None
        if catch_up:
            self.offer(catch_up, anyway=catch_up.full)
        for frame in [] if newest else held:
            self.offer(frame)

    def offer(self, frame: Frame, anyway: bool = False) -> None:
        """Send a frame if it is new to this reader. With ``anyway`` send it even to a reader who is ahead of it."""
        if self._held is not None:
            self._held.append(frame)
        elif anyway or frame.revision > self.position:
            connection = self.connection
            connection.tell(self, frame)
            self.position = frame.revision  # only now: a heartbeat from another thread must not say it before the frame
            if connection.wait is not None:
                connection.told()
