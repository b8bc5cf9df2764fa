"""What somebody's first page of a chat costs here, as ratios to another checkout of the app.

A fresh Chromium opens a chat of 50 messages on each checkout in turn: on localhost, where it asks for Brotli and has
service workers as on https, on plain http, and on a simulated slow 3G. Prints the medians: requests, bytes as they
came, ms until the page could be used and until its stream was live, and how far what was visible moved. The bytes of a
minute in which nothing happens come last.

python bench/cold.py --against=<another checkout, with its node_modules> [--rounds=3] [--idle=60]
"""

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["PW_EXPERIMENTAL_SERVICE_WORKER_NETWORK_EVENTS"] = "1"  # or Playwright hides what service workers load

from playwright.sync_api import sync_playwright  # noqa: E402

from tests.releases import ReleaseGunicorn, migrate  # noqa: E402
from tests.servers import PROJECT, WITHOUT_RATES, free_port, redis_server  # noqa: E402
from tests.system.browsers import launch  # noqa: E402
from tests.system.loading import load_cold  # noqa: E402
from tests.system.people import Person  # noqa: E402

MESSAGES, PLAIN, TIMEOUT = 50, "plainwire.test", 120_000  # ms
SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # ms, bytes/s
NETWORKS = {"localhost": (False, None), "plain http": (True, None), "slow 3G": (False, SLOW_3G)}
KINDS = ["Document", "Stylesheet", "Script", "Service worker", "EventSource"]


def option(name: str, default: str) -> str:
    return next((given.partition("=")[2] for given in sys.argv if given.startswith(f"--{name}=")), default)


class Tree:
    """A checkout whose web process runs, and somebody with a chat there."""

    def __init__(self, tree: Path, directory: Path, enter):
        directory.mkdir()
        environ = WITHOUT_RATES | {"REDIS_URL": enter(redis_server(directory)).url, "LOG_LEVEL": "WARNING"}
        environ |= {"DATABASE_URL": f"sqlite:///{directory}/cold.sqlite3", "STORAGE_URL": f"{directory}/files"}
        environ |= {"SETUP_WITHOUT_TOKEN": "1"}
        migrate(tree, environ)
        self.url = enter(ReleaseGunicorn(tree, environ, free_port())).url
        self.person, other = (Person(self.url, name).sign_up() for name in ("Alice", "Bob"))
        self.chat = self.person.start_chat(title="Plans")
        self.person.add(other, self.chat)
        for number in range(MESSAGES):
            writer = (self.person, other)[number // 3 % 2]
            assert writer.send(self.chat, f"Shall **we** meet at {number}:30? `make all` works.").status_code == 201

    def measured(self, browser, plain: bool, conditions: dict | None, idle: int = 0) -> dict[str, float]:
        url = self.url.replace("127.0.0.1", PLAIN) if plain else self.url
        context = self.person.new_context(browser, url, service_workers="allow")
        load = load_cold(context, f"/chats/{self.chat}", conditions, TIMEOUT)
        load.page.wait_for_timeout(3000)
        found = {"requests": len(load.paths), "bytes": load.total} | {kind: load.bytes[kind] for kind in KINDS}
        found |= load.seen
        if idle:
            load.page.wait_for_timeout(idle * 1000)
            found = {f"bytes in {idle} s of idling": load.total - found["bytes"]}
        context.close()
        return found


def compare(title: str, trees: list[Tree], measure, rounds: int) -> None:
    """Each round asks both in turn, as the machine is just then."""
    results = [[measure(tree) for tree in trees] for _ in range(rounds)]
    print(f"\n{title}")
    for name in results[0][0]:
        before, now = (median(pair[side][name] for pair in results) for side in (0, 1))
        print(f"  {name:28}{before:12.3f}{now:12.3f}" + (f"   {now / before:.2f} x" if before else ""), flush=True)


def main() -> None:
    rounds, idle = int(option("rounds", "3")), int(option("idle", "60"))
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        paths = {"before": Path(option("against", "")).resolve(), "now": PROJECT}
        trees = [Tree(path, directory / name, stack.enter_context) for name, path in paths.items()]
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(launch(playwright, args=[f"--host-resolver-rules=MAP {PLAIN} 127.0.0.1"]))
        for name, (plain, conditions) in NETWORKS.items():
            compare(name, trees, lambda tree: tree.measured(browser, plain, conditions), rounds)  # noqa: B023
        compare("idling", trees, lambda tree: tree.measured(browser, False, None, idle), 1)


if __name__ == "__main__":
    main()
