"""One of 200 readers stops reading: does anybody else wait longer, and what does it take? `bench/stuck_reader.py`

Rounds with and without one take turns. In each with one, it is cut off before the end.
"""

from contextlib import ExitStack, contextmanager
from statistics import median

from crowd import MARK, Crowd
from deliveries import FRAGMENT, Measured, new_stream, ours
from support import product, verdict

READERS, ROUNDS, EACH_SECOND, SECONDS = 200, 2, 50, 16
TEXT = FRAGMENT.format(MARK.decode() + "x" * 6000)


def main() -> None:
    with product(0) as (world, _), ExitStack() as stack:
        served = ours(world, stack, "sockets")
        alone, beside, memory, cut_off = [], [], [], True
        for _ in range(ROUNDS):
            with crowd_of(READERS, served, world) as (crowd, publish):
                alone.append(crowd.round(publish, EACH_SECOND, SECONDS).p99)
            with crowd_of(READERS + 1, served, world) as (crowd, publish):
                before, stuck = served.rss(), crowd.stop_reading()
                beside.append(crowd.round(publish, EACH_SECOND, SECONDS).p99)
                memory.append(served.rss() - before)
                cut_off &= crowd.has_ended(stuck)
        ratio = median(beside) / median(alone)
        print(f"p99 alone {median(alone):.1f} ms, beside one that is stuck {median(beside):.1f} ms: {ratio:.2f}")
        print(f"memory {max(memory):.0f} KiB")
        verdict(within_ten_percent=ratio < 1.1, memory_is_bounded=max(memory) < 4096, it_was_cut_off=cut_off)


@contextmanager
def crowd_of(readers: int, served: Measured, world):
    request, publish = new_stream(world, "Stuck")
    publish.text = TEXT
    with Crowd(served.server.url, request, readers) as crowd:
        yield crowd, publish


main()
