"""Opens a page ten times a second until its input ends, however long each takes, and prints the seconds of each.

``python -m bench.herd_pages URL COOKIE PATH``: a process of its own, which does not wait for the loop of the readers.
"""

import sys
import threading
import time

from tests.delivery.http import Door

EACH_SECOND = 10


def look(door: Door, path: str) -> None:
    began = time.monotonic()
    status, _ = door.get(path)
    print(time.monotonic() - began if status == 200 else float("inf"), flush=True)


if __name__ == "__main__":
    url, cookie, path = sys.argv[1:]
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    looks = []
    while not ended.wait(1 / EACH_SECOND):
        looks.append(threading.Thread(target=look, args=(Door(url, cookie), path)))
        looks[-1].start()
    for one in looks:
        one.join()
