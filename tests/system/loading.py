"""What the first visit of a page loads: its requests, their bytes on the network, and how steady the page looks."""

from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request

from .pages import until_live

#: Kept by the page itself: the moment at which the stream was live (ms since the page was asked for), and how much of
#: what was visible has moved without anybody touching anything.
WATCH = """
  window.seen = { shift: 0, live: null }
  new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { seen.shift += value }))
    .observe({ type: "layout-shift", buffered: true })
  new MutationObserver((changes, observer) => {
    if (!/streaming|poll/.test(document.querySelector("[data-stream-url-value]")?.dataset.mode)) return
    seen.live = performance.now()
    observer.disconnect()
  }).observe(document, { subtree: true, attributes: true, childList: true, attributeFilter: ["data-mode"] })
"""
SEEN = """() => {
  const { domContentLoadedEventEnd: ready } = performance.getEntriesByType("navigation")[0]
  const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0
  return { ready, painted, ...seen }
}"""


@dataclass
class Load:
    """``paths`` are those of all requests, ``bytes`` came for each kind of them, heads of answers included."""

    page: Page
    paths: list[str] = field(default_factory=list)
    bytes: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, str] = field(default_factory=dict)  # by the browser's id of the request

    @property
    def total(self) -> int:
        return sum(self.bytes.values())

    @property
    def seen(self) -> dict[str, float]:
        """``ready``, ``painted`` and ``live`` in ms since the page was asked for, and its ``shift``."""
        return self.page.evaluate(SEEN)

    def asked(self, event: dict) -> None:
        self.kinds[event["requestId"]] = event.get("type", "Other")
        self.paths.append(path_of(event["request"]["url"]))

    def answered(self, event: dict) -> None:
        if event["type"] == "EventSource":  # never ends
            self.bytes["EventSource"] += event["response"]["encodedDataLength"]

    def received(self, event: dict) -> None:
        if self.kinds.get(event["requestId"]) == "EventSource":
            self.bytes["EventSource"] += event["encodedDataLength"]

    def ended(self, event: dict) -> None:
        kind = self.kinds.get(event["requestId"], "Other")
        if kind != "EventSource":
            self.bytes[kind] += event["encodedDataLength"]

    def asked_by_worker(self, request: Request) -> None:
        if request.service_worker:
            self.paths.append(path_of(request.url))
            sizes = request.sizes()
            self.bytes["Service worker"] += sizes["responseHeadersSize"] + max(0, sizes["responseBodySize"])


def path_of(url: str) -> str:
    return urlsplit(url).path or url.partition(":")[0]


def load_cold(context: BrowserContext, path: str, conditions: dict | None = None, timeout: float = 20_000) -> Load:
    """Opens ``path`` in a context that has loaded nothing yet, and returns once its stream is live and nothing else is
    under way. ``conditions`` are those of Network.emulateNetworkConditions."""
    page = context.new_page()
    page.set_default_timeout(timeout)
    load = Load(page)
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    if conditions:
        network.send("Network.emulateNetworkConditions", conditions)
    network.on("Network.requestWillBeSent", load.asked)
    network.on("Network.responseReceived", load.answered)
    network.on("Network.dataReceived", load.received)
    network.on("Network.loadingFinished", load.ended)
    context.on("requestfinished", load.asked_by_worker)
    page.add_init_script(WATCH)
    page.goto(path, timeout=timeout)
    until_live(page)
    page.wait_for_load_state("networkidle")
    return load
