"""Tables of a run, ratios first: for the terminal, and for docs/performance.md between its marks."""

import re
from pathlib import Path
from statistics import median

from bench.budgets import BUDGETS, COMPARED, OURS, Budget

BEGIN, END = "<!-- bin/bench writes from here -->", "<!-- bin/bench writes to here -->"


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def spread(values: list[float]) -> str:
    """The median, and behind it the least and the most."""
    return f"{number(median(values))} ({number(min(values))}–{number(max(values))})"


def budget_table(figures: dict, missing: dict[str, str]) -> list[str]:
    lines = ["| budget | median (least–most) | bar | goal | holds | what |", "|---|---|---|---|---|---|"]
    return lines + [budget_line(budget, figures, missing) for budget in BUDGETS]


def budget_line(budget: Budget, figures: dict, missing: dict[str, str]) -> str:
    values = budget.values(figures)
    unit = "" if budget.unit == "x" else f" {budget.unit}"
    found = f"{spread(values)}{unit if unit else 'x'}" if values else f"not measured{why(budget, missing)}"
    limits = [f"{'≥' if budget.more else '≤'} {number(n)}" if n is not None else "" for n in (budget.bar, budget.goal)]
    says = f"{budget.says}, {budget.of} against {budget.over}" if budget.over else budget.says
    return f"| `{budget.name}` | {found} | {limits[0]} | {limits[1]} | {holds(budget, figures)} | {says} |"


def why(budget: Budget, missing: dict[str, str]) -> str:
    reason = missing.get(budget.measure.__name__)
    return f": {reason}".replace("|", "/") if reason else ""


def holds(budget: Budget, figures: dict) -> str:
    if budget.reaches_goal(figures):
        return "goal"
    return {True: "yes", False: "**no**", None: ""}[budget.holds(figures)]


def peer_table(figures: dict, versions: dict[str, str], absent: dict[str, str]) -> list[str]:
    """Each peer's figures as multiples of ours, and then what they are multiples of."""
    columns = [one for one in COMPARED if figures.get(one[0], {}).get(one[1], {}).get(OURS)]
    lines = ["| | " + " | ".join(heading for _, _, heading, _, _ in columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for label in [OURS, *versions]:
        cells = [ratio(figures[measure][key], label) for measure, key, *_ in columns]
        lines.append(f"| {label}, as a multiple of ours | {' | '.join(cells)} |")
    for label in [OURS, *versions]:
        cells = [absolute(figures[measure][key], label, unit) for measure, key, _, unit, _ in columns]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    named = [f"- {label}: {version}" for label, version in versions.items()]
    return [*lines, "", *named, *(f"- {label}: not installed, {reason}" for label, reason in absent.items())]


def ratio(found: dict[str, list[float]], label: str) -> str:
    pairs = zip(found.get(label, []), found[OURS], strict=False)
    ratios = [theirs / ours for theirs, ours in pairs if ours]
    return f"{number(median(ratios))}x" if ratios else "not measured"


def absolute(found: dict[str, list[float]], label: str, unit: str) -> str:
    return f"{spread(found[label])} {unit}".strip() if found.get(label) else "not measured"


def in_words(result: dict) -> str:
    """Everything, as Markdown."""
    figures = result["figures"]
    lines = [conditions(result), "", *budget_table(figures, result["missing"]), ""]
    return "\n".join([*lines, *peer_table(figures, result["versions"], result["absent"])])


def conditions(result: dict) -> str:
    of = result["conditions"]
    return (
        f"`{of['command']}` on {of['date']}, {of['minutes']} minutes: {of['cores']} cores that also ran the load"
        f" (load average {of['load']}), {of['readers']:,} readers, medians of {of['rounds']} rounds,"
        f" least and most behind them."
    )


def write(document: Path, text: str) -> None:
    """Put ``text`` between the marks of ``document``, and leave the rest as it is. Raises ValueError without marks."""
    before = document.read_text()
    if before.count(BEGIN) != 1 or before.count(END) != 1:
        raise ValueError(f"{document.name} has no place for the results.")
    between = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)
    document.write_text(between.sub(lambda _: f"\n{text}\n\n", before))
