"""Reads something slow in a thread of its own."""

import threading
from collections.abc import Callable, Generator, Iterator
from queue import Empty, SimpleQueue

#: Seconds of silence after which the caller gets an empty text, so that it can look at other things.
LOOK_AROUND = 0.4


class Pump:
    """Iterates over what ``source`` yields, and over an empty text in each ``LOOK_AROUND`` in which it yields nothing.

    A context manager. At its end it calls ``hang_up``, which must end the source, and does not wait for that: a
    connection still being made can't be ended. Raises what the source raises.
    """

    def __init__(self, source: Generator[str], hang_up: Callable[[], None]):
        self._source, self._hang_up = source, hang_up
        self._came: SimpleQueue[tuple[str, BaseException | None]] = SimpleQueue()
        self._left = False

    def __enter__(self) -> "Pump":
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._left = True
        self._hang_up()

    def __iter__(self) -> Iterator[str]:
        while True:
            try:
                piece, error = self._came.get(timeout=LOOK_AROUND)
            except Empty:
                yield ""
                continue
            if error is not None:
                if isinstance(error, StopIteration):
                    return
                raise error
            yield piece

    def _run(self) -> None:
        error: BaseException = StopIteration()
        try:
            for piece in self._source:
                self._came.put((piece, None))
                if self._left:
                    break
        except BaseException as raised:
            error = raised
        finally:
            self._source.close()
            self._came.put(("", error))
