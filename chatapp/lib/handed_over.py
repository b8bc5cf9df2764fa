"""Answers that go on without gunicorn: the app has their sockets, and their lines in the log come at the end.

Loaded by path, before gevent has patched the process: see gunicorn.conf.py.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

from gunicorn.glogging import Logger


class HandedOver:
    """A socket that an answer took along, in the form that chatapp/turbo/sockets.py asks for.

    It belongs to ``open_answers`` until the socket is closed.
    """

    __slots__ = ("fd", "chunked", "_open_answers", "_write", "_line", "_sent", "_began")

    def __init__(self, fd: int, chunked: bool, open_answers: set["HandedOver"]):
        self.fd, self.chunked, self._open_answers = fd, chunked, open_answers
        self._write = None
        open_answers.add(self)

    def done(self, sent: int) -> None:
        """To be called once the socket is closed, with the bytes sent since it was handed over."""
        if self._write is not None:
            took = timedelta(seconds=time.monotonic() - self._began)
            self._write(self._line, known_later(self._sent + sent, took))
        self._open_answers.discard(self)

    def log_later(self, write: Callable[[str, dict], None], line: str, sent: int, took: timedelta) -> None:
        """Have ``write`` called with the line at the end. So far the answer has sent ``sent`` bytes in ``took``."""
        self._write, self._line, self._sent = write, line, sent
        self._began = time.monotonic() - took.total_seconds()


class Nothing:
    """Stands in for a socket that was handed over: gunicorn still writes the end of the answer, and closes."""

    def fileno(self) -> int:
        return -1

    def sendall(self, data: bytes) -> None:
        pass

    def shutdown(self, how: int) -> None:
        pass

    def close(self) -> None:
        pass


class AccessLogger(Logger):
    """Writes a path as it was sent: decoded, it could hold a line end, and so forge a line."""

    def atoms(self, resp, req, environ, request_time):
        return super().atoms(resp, req, environ, request_time) | {"U": quote(environ.get("PATH_INFO", ""))}

    def access(self, resp, req, environ, request_time):
        """Write the line of a request, or have it written once its answer is over."""
        handed_over = getattr(environ.get("gunicorn.socket"), "handed_over", None)
        if handed_over is None:
            super().access(resp, req, environ, request_time)
        elif self.access_log_enabled:
            atoms = self.atoms_wrapper_class(self.atoms(resp, req, environ, request_time))
            line = self.cfg.access_log_format % Unfinished(atoms)
            handed_over.log_later(self.access_log.info, line, resp.sent, request_time)


def known_later(sent: int, took: timedelta) -> dict[str, str]:
    """What gunicorn's formats know of an answer only when it is over: its bytes, and the time that it took."""
    micro, milli = took // timedelta(microseconds=1), took // timedelta(milliseconds=1)
    times = {"T": took.seconds, "M": milli, "D": micro, "L": f"{took.total_seconds():.6f}"}
    return {name: str(value) for name, value in {"b": sent, "B": sent, **times}.items()}


LATER = frozenset(known_later(0, timedelta()))


class Unfinished:
    """The atoms of a line, except those in LATER, which stay open. The line keeps nothing else of its request."""

    def __init__(self, atoms):
        self.atoms = atoms

    def __getitem__(self, name: str) -> str:
        return f"%({name})s" if name in LATER else str(self.atoms[name]).replace("%", "%%")
