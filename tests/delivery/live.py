"""Pages that stay live: each reads its stream in a thread, as static/turbo/connection.js and polling.js do.

A page trusts heartbeats and nothing else. What makes it doubt (an end, an error, a heartbeat that does not come, an
event that says that one before it is missing) is answered by opening the address of what it shows; where no heartbeat
comes through at all, it asks for answers that end.
"""

import random
import threading
import time
from urllib.parse import urlencode

from .http import Door, Event, EventSource
from .page import Page
from .wire import mark_of, positions

FULL_LIST = '<turbo-stream action="replace" target="messages_chat_'


class LivePage(Page):
    """A context manager. ``native`` pages reconnect as an EventSource does by itself, with Last-Event-ID and the
    server's ``retry``, unless something is missing; the others as our JavaScript does, with the cursor in the address.
    """

    def __init__(
        self,
        door: Door,
        chat: int,
        native: bool = False,
        first_beat: float = 1.0,
        wait: float | None = None,
        alone: bool = False,
        around: int | None = None,
    ):
        super().__init__(door, chat, alone, around)
        self.native, self.first_beat = native, first_beat
        self.wait = wait  # seconds in each address: None streams
        self.limit = 1.0  # seconds, the longest wait
        self.confirmed = wait is not None  # answers that end have come through
        self.complete = True  # nothing was missing when the last stream ended
        self.finished: int | None = None  # the status that said: do not come back
        self.violations: list[str] = []  # what a stream may never say, whatever happens
        self.believes_the_wire = True  # False behind a proxy that doubles, drops or swaps events by itself
        self.source: EventSource | None = None
        self.status: int | None = None
        self.events: list[Event] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "LivePage":
        return self.open()

    def __exit__(self, *_) -> None:
        self.close()

    def open(self, **headers: str) -> "LivePage":
        """``headers`` are those of all its requests."""
        self.headers = headers
        self.load(**headers)
        self._thread.start()
        return self

    def close(self) -> None:
        self._stop.set()
        self.disconnect()
        self._thread.join(10)

    def disconnect(self) -> None:
        """The connection breaks; the page makes another."""
        if self.source is not None:
            self.source.close()

    @property
    def address(self) -> str:
        wait = "" if self.wait is None else f"&wait={self.wait:g}"
        if self.name is None:
            return f"/chats/{self.chat}/stream?revision={self.cursor}{wait}"
        with self.lock:
            return f"{self.common}?{urlencode({region.name: region.cursor for region in self.regions})}{wait}"

    def _run(self) -> None:
        address, last_id, pause = self.address, "", 0.0
        while not self._stop.wait(pause):
            pause = self._read(EventSource(self.door, address, last_id, **self.headers))
            if self.finished or self._stop.is_set():
                return
            resumes = self.native and self.complete and self.status == 200 and self.wait is None
            address, last_id = (address, self.source.last_event_id) if resumes else (self.address, "")
            self.figures["reconnects"] += 1

    def _read(self, source: EventSource) -> float:
        """Read one stream to its end. Returns the number of seconds until the next one."""
        self.source = source
        source.deadline = time.monotonic() + (self.wait or 0) + self.first_beat
        if self._stop.is_set():
            return 0.0
        heard, self.complete = False, True
        self.seen, self.taken = {}, set()
        for event in source:
            heard = self._hear(event, source) or heard
            if event.name is None:
                self._check(event)
                self.events.append(event)
            self.complete = self._take(event)
            if not self.complete:
                self._lose(event)
                source.close()
                break
        self.status = source.status
        return self._after(source, heard)

    def _hear(self, event: Event, source: EventSource) -> bool:
        if event.name == "beat":
            if self.wait is None:
                source.deadline = time.monotonic() + 2 * float(event.data) + self.first_beat
            if self.chats and self.is_withheld:
                self._come_back()
        return event.name == "beat"

    def _take(self, event: Event) -> bool:
        """False where something before this event is missing."""
        if event.name is None:
            return self.deliver(event)
        if event.name == "gone":
            self.withdraw(event.data)
            self.taken.add(event.data)
            self.figures["withdrawals"] += 1
        return event.name != "revision" or self.has_all(event.data)

    def _come_back(self) -> None:
        """static/turbo/comeback.js: the reader may see the chat again, which goes on from what the page shows of it."""
        try:
            self.fetch(f"/chats/{self.chat}")
        except LookupError:
            return
        with self.lock:
            self.regions.append(self)
        self.figures["returns"] += 1
        self.disconnect()

    def _check(self, event: Event) -> None:
        mark = mark_of(event.data)
        if mark is None or not self.believes_the_wire:
            return
        number = positions(event.last_id)[mark.name]
        if number <= self.seen.get(mark.name, -1) and not mark.full:
            self.violations.append(f"event {number} came after {self.seen[mark.name]}: {event.data[:200]}")
        if mark.name in self.taken:
            self.violations.append(f"{mark.name} went on after it was withdrawn: {event.data[:200]}")
        self.seen[mark.name] = number

    def _lose(self, event: Event) -> None:
        self.figures["losses"] += 1
        if self.believes_the_wire and not self.list.awaits:
            said = f"{event.name or 'change'} {event.last_id}: {event.data[:200]} … {event.data[-200:]}"
            self.violations.append(f"a gap at {self.address}, on a way that loses nothing, before {said}")
        self.list.awaits = False

    def _after(self, source: EventSource, heard: bool) -> float:
        if source.status in (204, 303, 401, 403, 404):
            self.finished = source.status
            return 0.0
        if not self.complete:
            return random.uniform(0.05, 0.1)
        if not heard:
            return self._after_silence(late=time.monotonic() >= source.deadline - 0.01)
        if self.wait is not None:
            return self._after_poll()
        if self.native and source.retry_ms is not None:
            return source.retry_ms / 1000
        return random.uniform(0, 0.1)

    def _after_silence(self, late: bool) -> float:
        self.figures["failures"] += 1
        if self.wait is None:
            self.wait = 0.0 if late else None  # nothing comes through: ask for answers that end
            self.figures["fallbacks"] += late
        else:
            self.wait = 0.0 if self.confirmed or self.wait else None
        return 0.0 if late else random.uniform(0.05, 0.2)

    def _after_poll(self) -> float:
        self.figures["polls"] += 1
        self.confirmed = True
        waited, self.wait = self.wait, min(self.limit, self.wait * 2 + 0.25)
        return 0.0 if waited else random.uniform(0.05, 0.15)
