"""What bin/bench says of a run."""

import json
import re
from collections import defaultdict
from dataclasses import asdict

import pytest

from bench import plots, report
from bench.__main__ import options
from bench.budgets import BUDGETS, NCHAN, OURS
from bench.measures.run import Run
from bench.peers import action_cable, nchan
from bench.peers.every import PEERS
from bench.peers.peer import HERE
from bench.peers.scratch import without_paths

FIGURES = {
    "deliveries": {"cpu": {OURS: [8, 6, 9], NCHAN: [10, 12, 10]}},
    "idle_pages": {"kib": {OURS: [2, 7, 9], NCHAN: [14, 14, 14]}},
}


def result(**changes) -> dict:
    conditions = {"command": "bin/bench", "date": "2026-01-02", "minutes": 3, "cores": 2, "load": 1}
    run = Run(figures=FIGURES, versions={NCHAN: "1.3.6"}, absent={"Node by hand": "needs node"}, **changes)
    return asdict(run) | {"conditions": conditions | {"readers": 1000, "rounds": 3}}


def test_every_budget_has_a_line_and_says_when_it_was_not_measured():
    text = report.in_words(result(missing={"cold": "Error: no | browser"}))
    for budget in BUDGETS:
        (line,) = re.findall(rf"^\| `{budget.name}` \|.*$", text, re.MULTILINE)
        assert ("not measured" in line) == (budget.measure.__name__ not in FIGURES), line
    assert "not measured: Error: no / browser" in text
    assert "Node by hand: not installed, needs node" in text


def test_a_ratio_is_the_median_of_the_rounds_and_stands_before_absolute_figures():
    text = report.in_words(result())
    assert re.search(r"^\| `delivery` \| 0.8 \(0.5–0.9\)x \| ≤ 0.85 \| ≤ 0.7 \| yes \|", text, re.MULTILINE)
    assert re.search(r"^\| `idle-page` \| 7 \(2–9\) KiB \| ≤ 6 \| ≤ 2 \| \*\*no\*\* \|", text, re.MULTILINE)
    assert text.index(f"{NCHAN}, as a multiple of ours | 1.25x | 2x |") < text.index(f"| {NCHAN} | 10 (10–12) µs |")


def test_only_the_part_between_the_marks_is_written(tmp_path):
    document = tmp_path / "performance.md"
    document.write_text(f"Before \\1\n\n{report.BEGIN}\nold\n{report.END}\n\nAfter\n")
    for _ in range(2):
        report.write(document, "new \\1")
    assert document.read_text() == f"Before \\1\n\n{report.BEGIN}\n\nnew \\1\n\n{report.END}\n\nAfter\n"
    document.write_text("No marks\n")
    with pytest.raises(ValueError, match="no place"):
        report.write(document, "new")
    assert document.read_text() == "No marks\n"


def test_a_plot_has_a_bar_for_each_and_the_names_as_text(tmp_path):
    (shown,) = plots.draw({"deliveries": {"cpu": {OURS: [8], "A & B": [10]}}}, tmp_path)
    text = (tmp_path / re.search(r"\((.*)\)", shown)[1]).read_text()
    assert text.count("<rect") == 2
    assert "&amp;" in text


def test_what_failed_is_kept_without_anybody_s_paths():
    def broken(run):
        raise RuntimeError("cannot open /home/ada/.cache/plainwire-bench/x: ~/secret/file is gone")

    def whole(run):
        return {"cpu": defaultdict(list, {OURS: [1]})}

    run = Run()
    run.take(broken)
    run.take(whole)
    assert run.figures == {"whole": {"cpu": {OURS: [1]}}}
    assert json.loads(json.dumps(asdict(run)))["missing"] == {
        "broken": "RuntimeError: cannot open <path>: <path> is gone"
    }
    assert without_paths("5 s/round, GET /up") == "5 s/round, GET /up"


def test_peers_can_be_chosen_by_name():
    assert options([]).peers == tuple(PEERS)
    assert options(["--peers", "nchan,node"]).peers == ("nchan", "node")
    assert options(["--peers", "none"]).peers == ()
    with pytest.raises(SystemExit):
        options(["--peers", "nobody"])


def test_peers_are_installed_at_pinned_versions():
    listed = {path.parent.name: path.read_text().split() for path in HERE.glob("*/requirements.txt")}
    assert listed.keys() == {"channels", "flask_socketio", "sse_starlette"}
    assert [line for lines in listed.values() for line in lines if "==" not in line] == []
    wanted = json.loads((HERE / "socketio" / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"[\d.]+", version) for version in wanted.values())
    assert all(
        re.match(r"(\d:)?\d+\.\d", version) for version in [*nchan.PACKAGES.values(), *action_cable.PACKAGES.values()]
    )
