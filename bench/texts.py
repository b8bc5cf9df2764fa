"""1,000 texts, cut at awkward places, under reloads, reconnects and restarts: is each stored and shown exactly?

`python bench/texts.py [--runs 1000] [--seed 1] [--first 0] [--lanes 4] [--database sqlite|postgres]`
"""

import argparse
import signal
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright
from support import verdict

from tests.delivery.texts import SETTINGS, Texts
from tests.delivery.world import World

parser = argparse.ArgumentParser()
parser.add_argument("--runs", type=int, default=1000)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--first", type=int, default=0, help="the number of the first text")
parser.add_argument("--lanes", type=int, default=4, help="chats at once, with eight answers at once in each")
parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
chosen = parser.parse_args()

signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # stops all servers on the way out
with (
    tempfile.TemporaryDirectory(prefix="plainwire-texts-", ignore_cleanup_errors=True) as directory,
    World(directory, chosen.database, SETTINGS) as world,
    sync_playwright() as playwright,
    Texts(world, playwright, chosen.seed, chosen.lanes) as texts,
):
    began = time.monotonic()
    texts.run(chosen.runs, chosen.first)
    print(f"{chosen.database}, seed {chosen.seed}, {time.monotonic() - began:.0f} s")
    print(texts.report())
verdict(every_text_exact=not texts.differences, all_texts=texts.figures["texts"] == chosen.runs)
