"""All streams of a process drop at once and come back, half of them behind, while somebody opens pages."""

import threading
import time
from statistics import quantiles

from bench.load.readers import mark
from bench.support import figures as figures_of
from tests.servers import wait_until

from .run import Run, read_from, settle, tell

TIMES = 10  # the readers of a run
AT_ONCE = 1000  # connections that have no answer yet; fewer than the listening socket may keep waiting
BETWEEN_PAGES = 0.1  # seconds


def herd(run: Run) -> dict:
    """``seconds`` until all are back and have what they missed, ``pages`` the ms of 95 of 100 pages meanwhile."""
    found = {"seconds": {"Plainwire": []}, "pages": {"Plainwire": []}}
    count = run.readers * TIMES
    server = run.ours()
    calm = server.stream_of(server.ada.start_chat(title="Others"))
    with read_from(server, count, [server.request, calm], AT_ONCE) as read:
        read.come_back()
        settle(server)
        for number in range(run.rounds):
            tell(f"  round {number + 1} of {run.rounds}, {count} streams")
            seconds, pages = come_back(server, read, number + 1)
            found["seconds"]["Plainwire"].append(seconds)
            found["pages"]["Plainwire"].append(pages)
    return found


def come_back(server, read, number: int) -> tuple[float, float]:
    behind = read.count // 2
    read.ask(0, server.stream_of(server.chat))
    read.drop()
    settle(server)
    server.post(mark(number))
    begun = figures_of(server)["begun"]
    read.expect(number, 1)
    with Visits(server) as visits:
        began = time.monotonic()
        opened = read.come_back()
        wait_until(lambda: figures_of(server)["begun"] - begun >= read.count, 180, "all to be back")
        took = time.monotonic() - began
        done = read.finish(quiet=10)
    if opened.open < read.count or done.deliveries < behind:
        raise RuntimeError(f"{opened.open} of {read.count} came back, {done.deliveries} of {behind} were told.")
    return max(took, done.seconds), visits.p95()


class Visits:
    """Somebody who opens a chat again and again. A context manager."""

    def __init__(self, server):
        self.server, self.took, self.stop = server, [], threading.Event()
        self.thread = threading.Thread(target=self._visit, daemon=True)

    def __enter__(self) -> "Visits":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop.set()
        self.thread.join()

    def _visit(self) -> None:
        while not self.stop.wait(BETWEEN_PAGES):
            began = time.monotonic()
            self.server.ada.http.get(f"/chats/{self.server.chat}")
            self.took.append(1000 * (time.monotonic() - began))

    def p95(self) -> float:
        return quantiles(self.took, n=20)[18] if len(self.took) > 1 else self.took[0]
