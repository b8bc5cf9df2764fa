"""What the benchmarks share: the product as it is deployed, and readers that cost little."""

import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.delivery.http import Door, Event, EventSource  # noqa: E402
from tests.delivery.live import FULL_LIST, LivePage  # noqa: E402
from tests.delivery.page import articles  # noqa: E402
from tests.delivery.world import FIGURE, World  # noqa: E402
from tests.servers import Gunicorn, gunicorn, wait_until  # noqa: E402,F401

APPENDED = re.compile(r'action="append" target="\w+"><template><article id="message_(\d+)"')
#: As in production, but for the limits that one machine with one address and one user would run into.
SETTINGS = {"HEARTBEAT_SECONDS": "15", "STREAM_RETRY_MS": "2000"}


@contextmanager
def product(processes: int, **settings: str):
    """A World, and as many of the product's own web processes beside it."""
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        database = "postgres" if "--postgres" in sys.argv else "sqlite"
        world = stack.enter_context(World(directory, database, SETTINGS | settings))
        yield world, [stack.enter_context(gunicorn(world.environ)) for _ in range(processes)]


class LightPage(LivePage):
    """Keeps the ids of the messages that came, and nothing else. ``doors`` are asked for a way in each time."""

    def __init__(self, doors, chat: int, cursor: int, native: bool = True):
        super().__init__(doors(), chat, native, first_beat=40)
        self.doors, self.cursor = doors, cursor
        self.came: Counter[str] = Counter()
        self.opened: list[float] = []  # the moments, on time.monotonic()'s clock, at which a stream was there

    def begin(self) -> "LightPage":
        self.headers: dict[str, str] = {}
        self._thread.start()
        return self

    def apply(self, html: str, live: bool, reset: bool = False) -> None:
        if FULL_LIST in html:
            self.figures["full_lists"] += 1
            shown = [article.number for article in articles(html)]
            self.came = Counter(map(str, range(min(shown))))  # the older ones are a page of history away
            self.came.update(map(str, shown))
        else:
            self.came.update(APPENDED.findall(html))

    def _read(self, source: EventSource) -> float:
        source.door = self.doors()
        return super()._read(source)

    def _hear(self, event: Event, source: EventSource) -> bool:
        if event.name == "beat" and source is not getattr(self, "_heard_of", None):
            self._heard_of = source
            self.opened.append(time.monotonic())
        return super()._hear(event, source)


class PatientPage(LightPage):
    """A reader as patient as a real page whose stream has worked before: see static/turbo/polling.js and connection.js.

    ``said`` is the moment at which it got what it had missed.
    """

    FIRST_BEAT, TRIAL = 5.0, 4.0  # seconds

    def __init__(self, *arguments):
        super().__init__(*arguments, native=False)
        self.said: float | None = None

    def apply(self, html: str, live: bool, reset: bool = False) -> None:
        super().apply(html, live, reset)
        self.said = time.monotonic()

    def _after(self, source: EventSource, heard: bool) -> float:
        pause = super()._after(source, heard)
        return random.uniform(0, 0.5) if heard and self.wait is None else pause

    def _after_silence(self, late: bool) -> float:
        if late and self.wait is None:
            threading.Thread(
                target=self._try_beside, args=(EventSource(self.doors(), self.address),), daemon=True
            ).start()
        return super()._after_silence(late)

    def _try_beside(self, source: EventSource) -> None:
        self.figures["trials"] += 1
        source.deadline = time.monotonic() + self.TRIAL
        if any(event.name == "beat" for event in source):
            self.wait, self.confirmed = None, False
            source.close()


def figures(web: Gunicorn) -> Counter[str]:
    return Counter({name: int(float(value)) for name, value in FIGURE.findall(Door(web.url, "").metrics()[1])})


def every(seconds: float, stop: threading.Event):
    """Yields until ``stop``, in even steps."""
    due = time.monotonic()
    while not stop.wait(max(0.0, due - time.monotonic())):
        yield
        due += seconds


def verdict(**conditions: bool) -> None:
    """Print what held, and end the process with it."""
    for name, held in conditions.items():
        print(f"  {'yes' if held else 'NO ':4}{name.replace('_', ' ')}")
    sys.exit(not all(conditions.values()))
