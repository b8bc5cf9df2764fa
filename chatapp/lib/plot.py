"""Bars and lines of a plot, in the units of its drawing."""

from collections.abc import Iterable, Sequence
from math import floor, log10
from typing import NamedTuple


class Bar(NamedTuple):
    """``x`` and ``y`` are its upper left corner, ``middle`` is where its label stands."""

    x: float
    y: float
    width: float
    height: float
    middle: float


def bars(values: Sequence[float], width: float, height: float) -> list[Bar]:
    """One bar for each value, side by side in ``width``; the largest is ``height`` high. A value above 0 always has a
    visible bar."""
    largest, step = max(values, default=0) or 1, width / max(1, len(values))
    found = []
    for place, value in enumerate(values):
        tall = round(max(height * value / largest, 1.5), 1) if value else 0
        found.append(
            Bar(
                round(place * step + step * 0.16, 1),
                round(height - tall, 1),
                round(step * 0.68, 1),
                tall,
                round((place + 0.5) * step, 1),
            )
        )
    return found


def line(points: Iterable[tuple[float, float | None]], width: float, height: float, largest: float) -> str:
    """The path of a line: ``"M0 10L5 8"``. Each point is a place from 0 to 1 and a value, or None where the line has a
    gap. A value that stands alone is a dot, for a line with round ends. ``largest`` is ``height`` high."""
    path, length = [], 0
    for place, value in [*points, (1, None)]:
        if value is None:
            path.append("h0" if length == 1 else "")
            length = 0
            continue
        at = f"{round(place * width, 1):g} {round(height - height * value / (largest or 1), 1):g}"
        path.append(f"L{at}" if length else f"M{at}")
        length += 1
    return "".join(path)


def ceiling(value: float) -> float:
    """A round number not below ``value``: 1, 2 or 5 times a power of ten; 1 if there is nothing to show."""
    if value <= 0:
        return 1
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 5, 10) if value <= step * power * 1.000001)


def quantile(share: float, bounds: Sequence[float], counts: Sequence[float]) -> float | None:
    """The value below which ``share`` of what a histogram counted lies, as Prometheus estimates it; None if it counted
    nothing. ``counts`` has a place for each bound, and one for what lies above the last, which counts as that bound.
    """
    rank, so_far, lower = share * sum(counts), 0.0, 0.0
    if rank <= 0:
        return None
    for bound, count in zip(bounds, counts, strict=False):
        if so_far + count >= rank:
            return lower + (bound - lower) * (rank - so_far) / count
        so_far, lower = so_far + count, bound
    return lower
