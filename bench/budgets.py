"""The budgets: what each allows, what it aims at, and what measures it. `bin/bench --list` prints them.

A budget with ``over`` is a ratio of two that took turns: the median of one ratio for each round. The others are the
product's own figures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.measures.cold import cold
from bench.measures.deliveries import capacity, deliveries, deliveries_to_many, idle_pages
from bench.measures.herd import herd
from bench.measures.requests import FEW, MANY, history, pages, posts, reach

OURS, NCHAN, NODE, RAILS = "Plainwire", "nginx + nchan", "Node by hand", "Rails Action Cable"


@dataclass(frozen=True)
class Budget:
    """``bar`` has to hold, and ``goal`` is what we aim at; either may be missing. ``more`` says that more is better."""

    name: str
    says: str
    measure: Callable
    key: str
    bar: float | None
    goal: float | None
    unit: str = "x"
    of: str = OURS
    over: str | None = None
    more: bool = False

    def values(self, figures: dict) -> list[float]:
        """One for each round; empty where one of its two was not measured."""
        found = figures.get(self.measure.__name__, {}).get(self.key, {})
        own = found.get(self.of, [])
        if self.over is None:
            return own
        return [mine / theirs for mine, theirs in zip(own, found.get(self.over, []), strict=False) if theirs]

    def holds(self, figures: dict) -> bool | None:
        """Whether the median keeps within the bar; None where nothing was measured."""
        return self._within(self.bar, figures)

    def reaches_goal(self, figures: dict) -> bool | None:
        return self._within(self.goal, figures)

    def _within(self, limit: float | None, figures: dict) -> bool | None:
        values = self.values(figures)
        if not values or limit is None:
            return None
        return median(values) >= limit if self.more else median(values) <= limit


#: In the order in which they are measured: memory first, while a server has not given any back yet.
BUDGETS = (
    Budget("idle-page", "memory of an idle, caught-up page", idle_pages, "kib", 6, 2, "KiB"),
    Budget("delivery", "CPU for each delivery", deliveries, "cpu", 0.85, 0.7, over=NCHAN),
    Budget("delivery-many", "the same, 5 times the readers", deliveries_to_many, "cpu", 0.85, 0.7, over=NCHAN),
    Budget("capacity", "deliveries a second and core", capacity, "each_core", 1.5, None, over=NCHAN, more=True),
    Budget("capacity-cable", "the same", capacity, "each_core", 30, None, over=RAILS, more=True),
    Budget("capacity-node", "the same", capacity, "each_core", None, 1, over=NODE, more=True),
    Budget("herd", "all streams dropped and back, half behind", herd, "seconds", 10, 5, "s"),
    Budget("herd-pages", "95 of 100 pages meanwhile", herd, "pages", 500, 200, "ms"),
    Budget("post", "CPU for a message posted", posts, "cpu", 0.7, 0.4, over=RAILS),
    Budget("reach", "POST to fragment elsewhere, p50", reach, "p50", 10, 5, "ms"),
    Budget("reach-late", "POST to fragment elsewhere, p99", reach, "p99", 60, 30, "ms"),
    Budget("page", "CPU for a page", pages, "cpu", 7, 5, of="page of 50 messages", over="GET /up"),
    Budget("history", "CPU to open", history, "cpu", 1.2, 1.05, of=f"{MANY:,} messages", over=f"{FEW} messages"),
    Budget("cold-requests", "requests of a cold page", cold, "requests", 15, 8, "requests"),
    Budget("cold-bytes", "bytes of a cold page, compressed", cold, "kb", 100, 80, "KB"),
)
#: What the tables of the peers show beside their ratios: measure, key, heading, unit, whether more is better.
COMPARED = (
    ("deliveries", "cpu", "CPU for each delivery", "µs", False),
    ("deliveries", "p99", "p99", "ms", False),
    ("capacity", "each_core", "deliveries a second and core", "", True),
    ("idle_pages", "kib", "idle page", "KiB", False),
)
