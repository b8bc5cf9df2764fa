"""The last hour of the whole place: what its points say, as lines and as a table."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from chatapp.lib.metrics import WAITING
from chatapp.lib.plot import ceiling, line, quantile
from chatapp.turbo.delays import BOUNDS

from .vitals import STEP
from .vitals_words import a_minute, duration, number

HOUR = 3600
#: Steps without a point after which the lines have a gap.
GAP = 2.5
#: Seconds between two rows of the table.
ROW = 300


class Step(NamedTuple):
    """A point and the one before it; ``before`` is empty after a gap. Values are None where nothing is known."""

    point: dict
    before: dict

    @property
    def at(self) -> float:
        return self.point["at"]

    def now(self, name: str) -> float | None:
        return self.point.get(name)

    def of(self, name: str, part: str) -> float | None:
        return self.point.get(name, {}).get(part)

    def more(self, name: str) -> float | None:
        """By how much a count has grown since the point before."""
        if name not in self.before or name not in self.point:
            return None
        return max(0.0, total(self.point[name]) - total(self.before[name]))

    def a_minute(self, name: str) -> float | None:
        more = self.more(name)
        return None if more is None else more * 60 / (self.at - self.before["at"])

    def within(self, name: str, share: float, bounds: tuple[float, ...]) -> float | None:
        """The seconds within which ``share`` of what has been counted since the point before was done."""
        if name not in self.before or name not in self.point:
            return None
        pairs = zip(self.point[name], self.before[name], strict=True)
        return quantile(share, bounds, [max(0.0, after - before) for after, before in pairs])

    def ratio(self, name: str, of: str) -> float | None:
        more, many = self.more(name), self.more(of)
        return more / many if more is not None and many else None


def total(counted: float | list[float]) -> float:
    return sum(counted) if isinstance(counted, list) else counted


class Line(NamedTuple):
    name: str
    value: Callable[[Step], float | None]


class Plot(NamedTuple):
    title: str
    words: Callable[[float], str]
    lines: tuple[Line, ...]


PLOTS = (
    Plot("Open pages", number, (Line("", lambda step: step.now("streams")),)),
    Plot("Changes delivered", a_minute, (Line("", lambda step: step.a_minute("deliveries")),)),
    Plot("Until a change arrives", duration, (
        Line("half of them within", lambda step: step.within("delays", 0.5, BOUNDS)),
        Line("95 of 100 within", lambda step: step.within("delays", 0.95, BOUNDS)),
    )),
    Plot("Requests of people", a_minute, (Line("", lambda step: step.a_minute("requests")),)),
    Plot("Until a request is answered", duration, (
        Line("half of them within", lambda step: step.within("requests", 0.5, WAITING)),
        Line("95 of 100 within", lambda step: step.within("requests", 0.95, WAITING)),
    )),
    Plot("SQL statements for each request", number, (Line("", lambda step: step.ratio("statements", "requests")),)),
    Plot("Replies", number, (
        Line("being written", lambda step: step.now("writing")),
        Line("waiting", lambda step: step.now("waiting")),
    )),
    Plot("The oldest job waits", duration, (
        Line("replies", lambda step: step.of("oldest", "replies")),
        Line("everything else", lambda step: step.of("oldest", "default")),
    )),
    Plot("Catching up", a_minute, (
        Line("pages that came back", lambda step: step.a_minute("catch_ups")),
        Line("gaps filled", lambda step: step.a_minute("gap_fills")),
    )),
    Plot("Refused and failed", a_minute, (
        Line("refused by limits", lambda step: step.a_minute("refused")),
        Line("failed requests", lambda step: step.a_minute("broken")),
    )),
)  # fmt: skip


class Drawing(NamedTuple):
    """A plot in the units of its drawing. Each of ``lines`` has a name, a path, the latest value and the highest."""

    title: str
    top: str
    lines: list[tuple[str, str, str, str]]

    @property
    def said(self) -> str:
        """What it shows, for people who can't see it."""
        said = (f"{name + ': ' if name else ''}{now} now, {most} at most" for name, _, now, most in self.lines)
        return f"{self.title} in the last hour. {'; '.join(said)}."


class LastHour:
    """The points of the hour before ``now``, in seconds since 1970."""

    def __init__(self, points: Iterable[dict], now: float):
        self.now = now
        self.points = [point for point in points if now - HOUR - 2 * STEP < point["at"] <= now + STEP]

    @cached_property
    def steps(self) -> list[Step]:
        steps = []
        for before, point in zip([None, *self.points], self.points, strict=False):
            follows = before is not None and point["at"] - before["at"] < GAP * STEP
            steps.append(Step(point, before if follows else {}))
        return [step for step in steps if step.at > self.now - HOUR]

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """From when to when nothing was noted, within the hour and after its first point."""
        found = zip(self.steps, self.steps[1:], strict=False)
        return [(earlier.at, later.at) for earlier, later in found if not later.before]

    def drawings(self, width: float, height: float) -> list[Drawing]:
        return [self._drawing(plot, width, height) for plot in PLOTS]

    def shaded(self, width: float) -> list[tuple[float, float]]:
        """Where the drawings have no line although the place had begun: the left side and the width of each gap."""
        places = [(self._place(earlier), self._place(later)) for earlier, later in self.gaps]
        return [(round(left * width, 1), round((right - left) * width, 1)) for left, right in places]

    def rows(self) -> list[tuple[datetime, list[str]]]:
        """The highest values of each five minutes, the newest first, one for each line of each plot."""
        rows = []
        parts: dict[int, list[Step]] = {}
        for step in self.steps:
            parts.setdefault(int((self.now - step.at) // ROW), []).append(step)
        for part, steps in sorted(parts.items()):
            cells = [said(plot.words, highest(one.value, steps)) for plot in PLOTS for one in plot.lines]
            rows.append((datetime.fromtimestamp(self.now - part * ROW, UTC), cells))
        return rows

    @staticmethod
    def columns() -> list[str]:
        return [f"{plot.title}, {one.name}" if one.name else plot.title for plot in PLOTS for one in plot.lines]

    def _drawing(self, plot: Plot, width: float, height: float) -> Drawing:
        most = [highest(one.value, self.steps) for one in plot.lines]
        top = ceiling(max((value for value in most if value is not None), default=0))
        lines = []
        for one, largest in zip(plot.lines, most, strict=True):
            latest = one.value(self.steps[-1]) if self.steps else None
            path = line(self._places(one.value), width, height, top)
            lines.append((one.name, path, said(plot.words, latest), said(plot.words, largest)))
        return Drawing(plot.title, plot.words(top), lines)

    def _places(self, value: Callable[[Step], float | None]) -> Iterable[tuple[float, float | None]]:
        for step in self.steps:
            if not step.before:
                yield self._place(step.at), None
            yield self._place(step.at), value(step)

    def _place(self, at: float) -> float:
        return min(1.0, max(0.0, (at - self.now + HOUR) / HOUR))


def highest(value: Callable[[Step], float | None], steps: Iterable[Step]) -> float | None:
    return max((found for step in steps if (found := value(step)) is not None), default=None)


def said(words: Callable[[float], str], value: float | None) -> str:
    return "–" if value is None else words(value)
