"""`bin/bench`: the budgets, measured in one run against other chats that it installs into a folder of their own."""

import argparse
import json
import os
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

from bench import plots, report
from bench.budgets import BUDGETS
from bench.measures.run import Run
from bench.peers.every import PEERS

DOCS = Path(__file__).parent.parent / "docs"


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("bin/bench", description=__doc__.partition(": ")[2])
    parser.add_argument("--list", action="store_true", help="print the budgets, and measure nothing")
    parser.add_argument("--budget", action="append", choices=[one.name for one in BUDGETS], help="only this one")
    parser.add_argument("--peers", default=",".join(PEERS), help="some of %(default)s, or none")
    parser.add_argument("--readers", type=int, default=1000, help="of each server (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median counts (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures into it")
    parser.add_argument("--write", action="store_true", help="write tables and plots into docs/performance.md")
    chosen = parser.parse_args(arguments)
    chosen.peers = tuple(name for name in chosen.peers.split(",") if name != "none")
    if unknown := set(chosen.peers) - set(PEERS):
        parser.error(f"unknown peers: {', '.join(sorted(unknown))}")
    return chosen


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end, too
    chosen = options()
    if chosen.list:
        print("\n".join(report.budget_table({}, {})))
        return
    result = measured(chosen)
    print(report.in_words(result))
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1) + "\n")
    if chosen.write:
        shown = plots.draw(result["figures"], DOCS)
        report.write(DOCS / "performance.md", "\n".join([report.in_words(result), "", *shown]))
    sys.exit(any(budget.holds(result["figures"]) is False for budget in BUDGETS))


def measured(chosen: argparse.Namespace) -> dict:
    """Everything that a run found, ready for JSON."""
    began = time.monotonic()
    with Run(readers=chosen.readers, rounds=chosen.rounds, wanted=chosen.peers) as run:
        run.install()
        for budget in BUDGETS:
            if not chosen.budget or budget.name in chosen.budget:
                run.take(budget.measure)
    return asdict(run) | {"conditions": conditions(chosen, (time.monotonic() - began) / 60)}


def conditions(chosen: argparse.Namespace, minutes: float) -> dict:
    given = [word for word in sys.argv[1:] if not word.startswith(("--json", "--write"))]
    return {
        "command": " ".join(["bin/bench", *(word for word in given if "/" not in word)]),
        "date": time.strftime("%Y-%m-%d"),
        "minutes": round(minutes, 1),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[2], 1),
        "readers": chosen.readers,
        "rounds": chosen.rounds,
    }


if __name__ == "__main__":
    main()
