"""A thousand streams break at once, and half of them have missed something. They come back as patiently as real pages.

python bench/thundering_herd.py [--postgres] [--streams=300]
"""

import resource
import sys
import time

from support import PatientPage, figures, product, verdict, wait_until

from tests.delivery.page import Page

STREAMS = next((int(option.partition("=")[2]) for option in sys.argv if option.startswith("--streams=")), 1000)

resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
with product(1, STREAM_RETRY_MS="2000") as (world, (web,)):
    email, door = world.email("Ada"), world.door("Ada").at(web.url)
    chats = [world.direct.start_chat(email=email, members=[]) for _ in range(2)]
    cursors = [Page(door, chat).load().cursor for chat in chats]
    pages = [PatientPage(lambda: door, chats[n % 2], cursors[n % 2]).begin() for n in range(STREAMS)]
    wait_until(lambda: all(page.opened for page in pages), 120, "all streams")
    before, began = figures(web), time.monotonic()
    for page in pages:
        page.first_beat = page.FIRST_BEAT
        page.disconnect()
    world.direct.post(chat=chats[0], email=email, content="Missed by one half")
    dropped = time.monotonic() - began
    wait_until(lambda: all(page.opened[-1] > began for page in pages), 120, "all streams again")
    wait_until(lambda: all(page.came for page in pages[::2]), 60, "what was missed")
    times = sorted(next(moment for moment in page.opened if moment > began) - began for page in pages)
    said = sorted(page.said - began for page in pages[::2])
    count = {name: sum(page.figures[name] for page in pages) for name in ("fallbacks", "trials", "polls", "reconnects")}
    asked = (figures(web) - before)["catch_ups"]
    print(f"{STREAMS} streams dropped in {dropped:.1f} s; back after {times[STREAMS // 2]:.1f} s (half),", end=" ")
    print(f"{times[-STREAMS // 20]:.1f} s (95 of 100), {times[-1]:.1f} s (all); {asked} catch-up queries")
    print(f"  what was missed was there after {said[len(said) // 2]:.1f} s (half), {said[-1]:.1f} s (all)")
    print("  " + ", ".join(f"{number} {name}" for name, number in count.items()))
    for page in pages:
        page.disconnect()
        page._stop.set()
    verdict(
        all_back_within_10_s=times[-1] < 10,
        nobody_took_the_line_for_a_network_that_holds_streams_back=count["fallbacks"] == 0,
        one_query_at_most_for_each_that_missed_something_and_none_for_others=asked <= STREAMS // 2,
        nothing_twice=all(set(page.came.values()) <= {1} for page in pages),
    )
