"""What was found out about each proxy is printed as a table at the end."""

from dataclasses import dataclass
from itertools import chain

import pytest

from tests.system.conftest import (  # noqa: F401 - the same browsers, people and servers
    browser,
    person,
    provider,
    site,
)

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


@pytest.fixture
def row(request):
    """A new row of the table."""

    def add(box: str, configuration: str) -> Row:
        row = Row(box, configuration)
        request.addfinalizer(lambda: request.node.user_properties.append((ROW, row.cells)))
        return row

    return add


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
