"""HTTP as a page needs it, small enough to have hundreds: pages by GET, and event streams as they come."""

import http.client
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.servers import METRICS_TOKEN, wait_until

PAGE_TIMEOUT = 30  # seconds for a page
PIECE = 65536  # bytes


@dataclass(frozen=True)
class Event:
    """One Server-Sent Event. ``last_id`` is the last id so far, ``name`` None where Turbo would hear it."""

    data: str
    last_id: str
    name: str | None = None


@dataclass(frozen=True)
class Door:
    """Where somebody who is logged in reaches the server: an address, and a cookie."""

    url: str
    cookie: str

    def at(self, url: str) -> "Door":
        """The same person, by another way."""
        return Door(url, self.cookie)

    def connection(self, timeout: float) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and text; status 0 for a connection that failed."""
        connection = self.connection(PAGE_TIMEOUT)
        try:
            connection.request("GET", path, headers={"Cookie": self.cookie, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (http.client.HTTPException, OSError):
            return 0, ""
        finally:
            connection.close()

    def metrics(self) -> tuple[int, str]:
        """Status and text of the figures of the process that happens to answer."""
        return self.get("/metrics?of=process", Authorization=f"Bearer {METRICS_TOKEN}")


class EventSource:
    """One request for an event stream. Iterate over it once; ``close`` may be called from anywhere."""

    def __init__(self, door: Door, path: str, last_event_id: str = "", **headers: str):
        self.door, self.path, self.headers = door, path, headers
        self.last_event_id = last_event_id
        self.status: int | None = None
        self.retry_ms: int | None = None
        self.deadline = float("inf")  # on time.monotonic()'s clock; the reader of the events moves it
        self.cut = False  # it ended in the middle of something, or without a word
        self._socket: socket.socket | None = None

    def __iter__(self) -> Iterator[Event]:
        try:
            yield from self._events()
        except (http.client.HTTPException, OSError, ValueError, AttributeError):
            self.cut = True
        finally:
            self.close()

    def close(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _events(self) -> Iterator[Event]:
        connection = self.door.connection(self._remaining())
        headers = {"Cookie": self.door.cookie, "Accept": "text/event-stream", "Connection": "close", **self.headers}
        if self.last_event_id:
            headers["Last-Event-ID"] = self.last_event_id
        try:
            connection.request("GET", self.path, headers=headers)
            self._socket = connection.sock
            answer = connection.getresponse()
            kind = answer.headers.get_content_type()
            self.status = answer.status if kind == "text/event-stream" or answer.status != 200 else 0
            if self.status == 200:
                yield from self._parse(answer)
        finally:
            connection.close()
            if self._socket is not None:
                self._socket.close()

    def _parse(self, answer: http.client.HTTPResponse) -> Iterator[Event]:
        buffer = b""
        while piece := self._read(answer):
            *blocks, buffer = re.split(rb"\r\n\r\n|\n\n|\r\r", buffer + piece)
            for block in blocks:
                if event := self._dispatch(block.decode(errors="replace")):
                    yield event
        self.cut = bool(buffer)

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        if self._socket.fileno() >= 0:
            self._socket.settimeout(self._remaining())
        return answer.read1(PIECE)

    def _remaining(self) -> float | None:
        if self.deadline == float("inf"):
            return None
        return max(0.01, self.deadline - time.monotonic())

    def _dispatch(self, block: str) -> Event | None:
        """By the HTML standard: a block without data sets the id and fires nothing."""
        data, name = [], None
        for line in re.split(r"\r\n|\r|\n", block):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            match field:
                case "data":
                    data.append(value)
                case "event":
                    name = value
                case "id":
                    self.last_event_id = value
                case "retry" if value.isdigit():
                    self.retry_ms = int(value)
        return Event("\n".join(data), self.last_event_id, name) if data else None


class Reader:
    """Reads one event stream in a thread, and does not come back. A context manager."""

    def __init__(self, door: Door, path: str, last_event_id: str = "", **headers: str):
        self.source = EventSource(door, path, last_event_id, **headers)
        self.events: list[Event] = []
        self.ended_at: float | None = None  # on time.monotonic()'s clock
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.source.close()
        self._thread.join(10)

    @property
    def changes(self) -> list[Event]:
        return [event for event in self.events if event.name is None]

    @property
    def text(self) -> str:
        return "".join(event.data for event in self.changes)

    @property
    def beats(self) -> int:
        return sum(event.name == "beat" for event in self.events)

    def wait_until(self, condition: Callable[["Reader"], object]) -> None:
        """Raises AssertionError, with what came, when the stream ends before ``condition(self)`` or takes too long."""
        try:
            wait_until(lambda: condition(self) or self.ended_at)
        except TimeoutError as error:
            raise AssertionError(f"{error} {self}") from None
        assert condition(self), f"It ended. {self}"

    def __str__(self) -> str:
        source = self.source
        last = f"{len(self.events)} events, the last {self.events[-3:]}"
        return f"Status {source.status}, retry {source.retry_ms}, cut {source.cut}, {last}"

    def _read(self) -> None:
        for event in self.source:
            self.events.append(event)
        self.ended_at = time.monotonic()
