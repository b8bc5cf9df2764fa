"""Two workers, one killed every 5 s for two minutes under 20 running replies: what becomes of each?

`python bench/killed_workers.py [--postgres] [--seconds 120]`
"""

import argparse
from contextlib import ExitStack

from support import product, verdict

from tests.delivery.killing import killed_workers
from tests.servers import worker

parser = argparse.ArgumentParser()
parser.add_argument("--postgres", action="store_true")
parser.add_argument("--seconds", type=int, default=120)
chosen = parser.parse_args()

EVERY, REPLIES = 5, 20  # seconds between two kills
#: Characters: the replies are still running at the end. The model writes 80 of them in a second.
LENGTH = min(80 * chosen.seconds, 18_000)

with product(0, HEARTBEAT_SECONDS="15", ASSISTANT_REPLY_TIMEOUT="600") as (world, _), ExitStack() as stack:
    environ = world.environ | {"ASSISTANT_TIMEOUT": "60", "ASSISTANT_CONTEXT_TOKENS": "200000"}
    workers = [stack.enter_context(worker(environ)) for _ in range(2)]
    outcome = killed_workers(world, workers, REPLIES, LENGTH, EVERY, chosen.seconds // EVERY)
    print(f"{REPLIES} replies of {LENGTH} characters, {outcome.killed} workers killed: {outcome.complete} complete")
    for reason in outcome.told:
        print(f"  {reason}")
    verdict(nothing_lost_or_doubled=not outcome.wrong, each_has_an_end=outcome.complete + len(outcome.told) == REPLIES)
