"""What a long chat costs the browser that shows it, here and in another checkout of the app.

A headless Chromium opens a chat of 6,000 messages, reads back through the given number of them, stays at the end while
fifty new ones a second arrive, and scrolls. All figures are CPU time of the page's main thread, from Chromium's trace,
so that a busy machine does not show in them: the longest task and the 99th hundredth of all, and ms for each frame of
scrolling.

python bench/browser.py [--against=<another checkout, with its node_modules>] [--messages=1000,5000] [--seconds=10]
"""

import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.releases import ReleaseGunicorn, migrate  # noqa: E402
from tests.servers import PROJECT, WITHOUT_RATES, free_port, redis_server  # noqa: E402
from tests.system.browsers import launch  # noqa: E402
from tests.system.long_chat import multiply  # noqa: E402
from tests.system.pages import open_chat  # noqa: E402
from tests.system.people import Person  # noqa: E402

STORED, RATE = 6_000, 50  # messages; messages a second
CODE = "```python\ndef meet(at):\n    return at.hour == 12\n```"
TEXTS = [
    "Yes.",
    "Shall **we** meet at noon? " * 3,
    "1. One\n2. Two\n3. Three",
    f"Try this:\n\n{CODE}\n\nAgreed",
    "[This](https://example.com).",
]
CATEGORIES = ["__metadata", "toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
#: Reads on at the top until the page has seen the wanted number of messages.
READ_BACK = """(wanted) => new Promise((done) => {
  const scroller = document.querySelector(".conversation__scroller")
  let seen = document.querySelectorAll(".messages > article").length
  const count = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.("article")) seen++
  })
  count.observe(scroller, { childList: true, subtree: true })
  const step = () => {
    if (seen >= wanted) return done(seen)
    scroller.scrollTop = scroller.scrollTop < 50 ? 60 : 0
    setTimeout(step, 30)
  }
  step()
})"""
SCROLL = """(seconds) => new Promise((done) => {
  const scroller = document.querySelector(".conversation__scroller")
  const began = performance.now()
  let frames = 0, by = -60
  const step = (now) => {
    if (now - began > seconds * 1000) return done(frames / seconds)
    if (scroller.scrollTop < 3000) by = 60
    scroller.scrollTop += by
    frames++
    requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
})"""


def option(name: str, default: str) -> str:
    return next((given.partition("=")[2] for given in sys.argv if given.startswith(f"--{name}=")), default)


class Tree:
    """A checkout whose web process runs, and somebody with a long chat there."""

    def __init__(self, tree: Path, directory: Path, enter):
        directory.mkdir()
        database = directory / "browser.sqlite3"
        environ = WITHOUT_RATES | {"REDIS_URL": enter(redis_server(directory)).url, "LOG_LEVEL": "WARNING"}
        environ |= {"DATABASE_URL": f"sqlite:///{database}", "STORAGE_URL": f"{directory}/files"}
        environ |= {"SETUP_WITHOUT_TOKEN": "1"}
        migrate(tree, environ)
        self.url = enter(ReleaseGunicorn(tree, environ, free_port())).url
        self.person, self.other = (Person(self.url, name).sign_up() for name in ("Alice", "Bob"))
        self.chat = self.person.start_chat(title="Plans")
        self.person.add(self.other, self.chat)
        for number in range(20):
            writer = (self.person, self.other)[number // 3 % 2]
            assert writer.send(self.chat, TEXTS[number % len(TEXTS)]).status_code == 201
        multiply(str(database), self.chat, STORED)


@contextmanager
def traced(page: Page, found: dict, name: str):
    """Puts into ``found`` what the tasks of the page's main thread took meanwhile: ms of CPU, each."""
    browser = page.context.browser
    browser.start_tracing(page=page, categories=CATEGORIES)
    yield
    trace = browser.stop_tracing()
    if keep := option("keep", ""):
        Path(f"{keep}-{name}.json").write_bytes(trace)
    found[name] = tasks_in(json.loads(trace)["traceEvents"])


def tasks_in(events: list[dict]) -> list[float]:
    main = {
        (e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
    }
    names = {"RunTask", "ThreadControllerImpl::RunTask"}
    used: dict[tuple, list[float]] = {}
    for event in events:
        if event["name"] in names and event.get("ph") == "X" and (event["pid"], event["tid"]) in main:
            used.setdefault((event["pid"], event["tid"]), []).append(event.get("tdur", event["dur"]) / 1000)
    return sorted(max(used.values(), key=sum))  # other pages have a main thread, too


def measured(tree: Tree, browser, messages: int, seconds: int) -> dict[str, float]:
    context = tree.person.new_context(browser, tree.url, viewport={"width": 1280, "height": 800})
    page = open_chat(context.new_page(), tree.chat)
    tasks: dict[str, list[float]] = {}
    with traced(page, tasks, "history"):
        page.evaluate(READ_BACK, messages)
    page.wait_for_timeout(500)
    with traced(page, tasks, "scrolling"):
        frames = page.evaluate(SCROLL, 4)
    page.get_by_role("button", name="Jump to latest").click()
    page.wait_for_timeout(2000)
    with traced(page, tasks, "arrivals"):
        came = arrivals(tree, page, seconds)
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate("window.gc?.()")
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    found = {f"{name}: {what}": value for name, used in tasks.items() for what, value in summary(used).items()}
    found |= {"scrolling: frames/s": frames, "scrolling: CPU ms/frame": sum(tasks["scrolling"]) / (frames * 4)}
    found |= {"arrivals: messages/s": came, "arrivals: CPU ms/message": sum(tasks["arrivals"]) / (came * seconds)}
    found |= {"messages shown": page.locator(".messages > article").count()}
    found |= {"heap, MB": metrics["JSHeapUsedSize"] / 1e6, "nodes": metrics["Nodes"]}
    context.close()
    return found


def arrivals(tree: Tree, page: Page, seconds: int) -> float:
    """Bob says something, fifty times a second. Returns how often a second it was."""
    began, said = time.monotonic(), 0
    with ThreadPoolExecutor(4) as pool:
        while (passed := time.monotonic() - began) < seconds:
            while said < int(passed * RATE):
                said += 1
                pool.submit(tree.other.send, tree.chat, TEXTS[said % len(TEXTS)])
            page.wait_for_timeout(20)
    page.wait_for_timeout(500)
    return said / (time.monotonic() - began)


def summary(used: list[float]) -> dict[str, float]:
    over = sum(one > 50 for one in used)
    return {"longest task, ms": used[-1], "99 of 100 tasks, ms": used[int(len(used) * 0.99)], "tasks over 50 ms": over}


def main() -> None:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        against = option("against", "")
        paths = ({"before": Path(against).resolve()} if against else {}) | {"now": PROJECT}
        trees = [Tree(path, directory / name, stack.enter_context) for name, path in paths.items()]
        browser = stack.enter_context(launch(stack.enter_context(sync_playwright()), args=["--js-flags=--expose-gc"]))
        for messages in map(int, option("messages", "1000,5000").split(",")):
            results = [measured(tree, browser, messages, int(option("seconds", "10"))) for tree in trees]
            print(f"\n{messages} messages: {', '.join(paths)}")
            for name in results[0]:
                values = [result[name] for result in results]
                ratio = f"   {values[1] / values[0]:.2f} x" if len(values) > 1 and values[0] else ""
                print(f"  {name:34}" + "".join(f"{value:12.2f}" for value in values) + ratio, flush=True)


if __name__ == "__main__":
    main()
