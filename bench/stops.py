"""Stop to "stopped" on a second browser, and to the end of the connection. `python bench/stops.py [--postgres]`

50 tries, ten of them with a Redis that has restarted just before.
"""

from support import product, verdict

from tests.delivery.stopping import stop_one
from tests.servers import worker

TRIES, RESTARTS = 50, 10

with product(0, HEARTBEAT_SECONDS="15", ASSISTANT_TIMEOUT="60") as (world, _), worker(world.environ):
    members = [world.email("Bob")]
    chat = world.direct.start_chat(email=world.email("Ada"), members=members, title="Stops", assistant="always")
    tries = [stop_one(world, chat, restart_redis=n % (TRIES // RESTARTS) == 0) for n in range(TRIES)]
    seen, hung_up = (sorted(getattr(stopped, name) for stopped in tries) for name in ("seen", "hung_up"))
    for name, figures in (("on the second browser", seen), ("at the provider", hung_up)):
        half, p95, most = figures[TRIES // 2], figures[int(TRIES * 0.95)], figures[-1]
        print(f"{name}: {half:.2f} s (half), {p95:.2f} (p95), {most:.2f} (all)")
    verdict(seen_within_a_second=seen[int(TRIES * 0.95)] < 1, hung_up_within_a_second=hung_up[int(TRIES * 0.95)] < 1)
