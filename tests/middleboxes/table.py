"""The table of what was found out about each proxy."""

from dataclasses import dataclass
from itertools import chain

ROW = "row of the table of middle boxes"  # a property of a test: those come to whoever prints, from other processes too


@dataclass
class Row:
    box: str
    configuration: str
    mode: str = ""
    usual: str = ""
    worst: str = ""
    verdict: str = "failed"

    @property
    def cells(self) -> list[str]:
        return [self.box, self.configuration, self.mode, self.usual, self.worst, self.verdict]


TITLES = ["box", "configuration", "mode", "p50", "max", "verdict"]


def pytest_terminal_summary(terminalreporter):
    ends = [report for report in chain(*terminalreporter.stats.values()) if getattr(report, "when", "") == "teardown"]
    rows = [TITLES, *(cells for report in ends for name, cells in report.user_properties if name == ROW)]
    if len(rows) == 1:
        return
    widths = [max(len(row[n]) for row in rows) for n in range(len(TITLES))]
    rows.insert(1, ["-" * width for width in widths])
    terminalreporter.section("middle boxes")
    for row in rows:
        cells = " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        terminalreporter.write_line(f"| {cells} |")
