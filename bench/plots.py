"""Plots of a run, as SVG that can be read on white and on black."""

from html import escape
from pathlib import Path
from statistics import median

from bench.budgets import COMPARED, OURS
from chatapp.lib import plot

WIDTH, HEIGHT, ROOM = 720, 200, 44  # units of the drawing; the room below is for labels
STYLE = """
  text { font: 12px system-ui, sans-serif; text-anchor: middle; fill: #57606a }
  .title { font-weight: 600; text-anchor: start }
  rect { fill: #8c959f } .ours { fill: #0b62d0 } path { stroke: #57606a }
  @media (prefers-color-scheme: dark) { text { fill: #adb5bd } rect { fill: #6e7681 } .ours { fill: #4a9eff } }
"""


def bar_chart(title: str, values: dict[str, float]) -> str:
    """A bar for each label; ours stands out. The range begins at 0."""
    drawn = []
    for (label, value), bar in zip(values.items(), plot.bars(list(values.values()), WIDTH, HEIGHT), strict=True):
        kind, shown = ' class="ours"' if label == OURS else "", f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
        top = bar.y + ROOM
        drawn.append(f'<rect{kind} x="{bar.x}" y="{top:g}" width="{bar.width}" height="{bar.height}"/>')
        drawn.append(f'<text x="{bar.middle}" y="{top - 5:g}">{shown}</text>')
        for line, word in enumerate(words_of(label)):
            drawn.append(f'<text x="{bar.middle}" y="{HEIGHT + ROOM + 16 + 15 * line}">{escape(word)}</text>')
    size = f'viewBox="0 0 {WIDTH} {HEIGHT + 2 * ROOM}" width="{WIDTH}" height="{HEIGHT + 2 * ROOM}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n<title>{escape(title)}</title>'
    name = f'<text class="title" x="8" y="16">{escape(title)}</text>'
    axis = f'<path d="M0 {HEIGHT + ROOM}h{WIDTH}"/>'
    return "\n".join([head, f"<style>{STYLE}</style>", name, axis, *drawn, "</svg>\n"])


def words_of(label: str) -> list[str]:
    """Two lines at most."""
    first, _, rest = label.partition(" ")
    return [first, rest] if rest else [first]


def draw(figures: dict, folder: Path) -> list[str]:
    """Write a file for each figure that several were measured by. Returns lines of Markdown that show them."""
    shown = []
    for measure, key, heading, unit, _ in COMPARED:
        found = {label: median(values) for label, values in figures.get(measure, {}).get(key, {}).items() if values}
        if len(found) < 2:
            continue
        title, file = (
            f"{heading}, {unit}".rstrip(", "),
            f"bench-{measure.replace('_', '-')}-{key.replace('_', '-')}.svg",
        )
        (folder / file).write_text(bar_chart(title, dict(sorted(found.items(), key=lambda pair: pair[1]))))
        shown.append(f"![{title}]({file})")
    return shown
