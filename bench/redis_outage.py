"""Redis is stopped for 60 s while people write, with heartbeats as in production. `python bench/redis_outage.py`"""

import time

from support import LightPage, product, verdict, wait_until

from tests.delivery.page import Page

OUTAGE, EVERY, READERS = 60, 2.0, 20  # seconds, seconds between two messages, pages

with product(2) as (world, webs):
    world.assistant_will("Here I am.")
    world.worker  # noqa: B018 - starts it
    email = world.email("Ada")
    chat = world.direct.start_chat(email=email, members=[], title="Outage", assistant="mentioned")
    doors = [world.door("Ada").at(web.url) for web in webs]
    cursor = Page(doors[0], chat).load().cursor
    pages = [LightPage(lambda n=n: doors[n % 2], chat, cursor).begin() for n in range(READERS)]
    wait_until(lambda: all(page.opened for page in pages), 60)
    world.redis.stop()
    began, lags, written = time.monotonic(), [], []

    def note_lags() -> None:
        for id, at in list(written):
            if all(str(id) in page.came for page in pages):
                lags.append(time.monotonic() - at)
                written.remove((id, at))

    for n in range(int(OUTAGE / EVERY)):
        content = f"@assistant are you there? {n}" if n % 10 == 0 else f"Message {n}"
        written.append((world.direct.post(chat=chat, email=email, content=content), time.monotonic()))
        due = began + (n + 1) * EVERY
        while time.monotonic() < due:
            note_lags()
            time.sleep(0.05)
    world.redis.start()
    back = time.monotonic()
    wait_until(lambda: note_lags() or not written, 30, "the last messages")
    questions = OUTAGE / EVERY / 10
    replies = lambda: sum("Here I am." in m["content"] for m in world.direct.state(chat=chat)["messages"])  # noqa: E731
    wait_until(lambda: replies() == questions, 60, "the replies")
    print(f"{len(lags)} messages during {OUTAGE} s without Redis, {READERS} pages: on all pages after", end=" ")
    print(f"{sorted(lags)[len(lags) // 2]:.1f} s (half), {max(lags):.1f} s (all)")
    print(f"  all {questions:.0f} replies {time.monotonic() - back:.1f} s after Redis was back")
    lines = [web.log.count("Redis is away, streams follow") for web in webs]
    print(f"  lines in the logs of the web processes: {lines}")
    for page in pages:
        page.disconnect()
        page._stop.set()
    verdict(visible_everywhere_within_20_s=max(lags) < 20, said_once=max(lines) <= 1, all_replied=True)
