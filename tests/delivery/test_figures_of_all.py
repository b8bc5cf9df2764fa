"""The figures of two web processes and a worker: whichever process is asked tells those of all."""

import os
import re
import signal
from contextlib import ExitStack

import pytest

from tests.browserless import Person
from tests.provider import Provider
from tests.servers import METRICS_TOKEN, WITHOUT_RATES, gunicorn, redis_server, wait_until, worker

from .http import Door, Reader
from .world import migrate

pytestmark = pytest.mark.any_database

READERS = 8


class Place:
    """Two web processes and a worker, on a database and a Redis of their own."""

    def __init__(self, environ: dict[str, str], enter):
        self.web = enter(gunicorn(environ | {"WEB_CONCURRENCY": "2"}))
        self.worker = enter(worker(environ))
        self.ada = enter(Person(self.web.url, "Ada").sign_up())
        cookies = "; ".join(f"{key}={value}" for key, value in self.ada.http.cookies.items())
        self.door = Door(self.web.url, cookies)

    def figures(self) -> dict[str, float]:
        status, text = self.door.get("/metrics", Authorization=f"Bearer {METRICS_TOKEN}")
        assert status == 200
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def processes(self) -> dict[str, int]:
        found = self.figures()
        return {kind: int(found.get(f'plainwire_processes{{kind="{kind}"}}', 0)) for kind in ("web", "replies", "jobs")}


@pytest.fixture
def place(tmp_path, database):
    with ExitStack() as stack:
        redis, provider = stack.enter_context(redis_server(tmp_path)), stack.enter_context(Provider())
        environ = WITHOUT_RATES | {
            "REDIS_URL": redis.url,
            "DATABASE_URL": f"sqlite:///{tmp_path}/figures.sqlite3",
            "STORAGE_URL": str(tmp_path / "files"),
            "OPENAI_BASE_URL": provider.url,
            "LOG_LEVEL": "WARNING",
        }
        migrate(environ)
        yield Place(environ, stack.enter_context)


def test_whichever_process_is_asked_tells_the_figures_of_all(place):
    wait_until(lambda: place.processes() == {"web": 2, "replies": 1, "jobs": 1}, 60)
    chat = place.ada.start_chat(title="Plans", assistant="always")
    page = place.ada.http.get(f"/chats/{chat}").text
    address = re.search(r'data-stream-url-value="([^"]+)"', page)[1]
    with ExitStack() as stack:
        for _ in range(READERS):
            stack.enter_context(Reader(place.door, address))
        wait_until(lambda: place.figures()['turbo_connections{mode="stream"}'] == READERS, 30)
        wait_until(lambda: in_each_process(place) > 1, 30)
        place.ada.send(chat, "Hello")
        wait_until(lambda: place.figures()['turbo_events_total{event="deliveries"}'] >= READERS, 30)
        wait_until(lambda: place.figures()["turbo_delivery_seconds_count"] >= READERS, 30)
        wait_until(lambda: place.figures()['plainwire_job_seconds_count{queue="replies",result="done"}'] >= 1, 30)
        wait_until(lambda: place.figures()['plainwire_request_seconds_count{group="messages"}'] == 1, 30)
        before = place.figures()
        kill_a_web_process(place)
        seen = [before, *(place.figures() for _ in range(10))]
        assert all(not smaller(earlier, later) for earlier, later in zip(seen, seen[1:], strict=False))
        wait_until(lambda: place.figures()['turbo_connections{mode="stream"}'] < READERS, 60)
    wait_until(lambda: place.processes() == {"web": 2, "replies": 1, "jobs": 1}, 60)
    assert not smaller(before, place.figures())
    place.worker.stop()
    assert place.processes() == {"web": 2, "replies": 0, "jobs": 0}


def in_each_process(place) -> int:
    """How many processes have answered for themselves."""
    answers = (place.door.get("/metrics?of=process", Authorization=f"Bearer {METRICS_TOKEN}")[1] for _ in range(40))
    return len({re.search(r'process="([^"]+)"', answer)[1] for answer in answers})


def kill_a_web_process(place) -> None:
    """One that has streams."""
    streams = re.compile(r'turbo_connections\{mode="stream",process="(\d+)-\w+"\} [1-9]')
    found = wait_until(lambda: streams.search(place.door.metrics()[1]))
    os.kill(int(found[1]), signal.SIGKILL)


def smaller(earlier: dict[str, float], later: dict[str, float]) -> list[str]:
    """The counts that have become smaller."""
    counts = [name for name in earlier if re.match(r"\w+_(total|count|sum|bucket)\b", name)]
    return [name for name in counts if later.get(name, 0) < earlier[name]]
