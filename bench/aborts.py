"""10,000 streams that are asked for and left at once: what stays behind? `python bench/aborts.py [--postgres]`"""

import sys
import time

from support import product, verdict, wait_until

from tests.delivery.test_resources import connect_and_abort_all, rested, subscribers
from tests.delivery.world import FaultyGunicorn

COUNT = 10_000

with product(0) as (world, _), FaultyGunicorn(world.environ, preload=False) as web:
    chats = [world.direct.start_chat(email=world.email("Ada"), members=[]) for _ in range(4)]
    door = world.door("Ada").at(web.url)
    connect_and_abort_all(door, chats, 200)  # fills the pools of connections
    before, subscribed = wait_until(lambda: rested(door), 60), subscribers(world, chats)
    began = time.monotonic()
    connect_and_abort_all(door, chats, COUNT)
    took = time.monotonic() - began
    after = wait_until(lambda: rested(door), 120)
    print(f"{COUNT} connects and aborts in {took:.0f} s\n  before {before}\n  after  {after}")
    print(f"  subscriptions before {subscribed}, after {subscribers(world, chats)}", file=sys.stdout)
    verdict(
        files_as_before=after["files"] <= before["files"] + 3,
        greenlets_as_before=after["greenlets"] <= before["greenlets"] + 3,
        subscriptions_as_before=subscribers(world, chats) == subscribed,
    )
