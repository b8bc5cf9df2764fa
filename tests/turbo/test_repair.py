import threading
from collections import Counter

import pytest

from chatapp.turbo.channel import Channel
from chatapp.turbo.repair import Repair
from chatapp.turbo.streams import Frame

from .test_channel import Reader


class NoSource:
    """A database that nobody asks, because the channels of these tests have no readers."""


def with_a_gap(name: str) -> Channel:
    channel = Channel(name)
    channel.cursors.add(Reader(1))  # what nobody reads has no gaps
    channel.begin(1)
    channel.receive(Frame(2, 3, "<p>"))
    return channel


class Broken(Exception):
    pass


@pytest.mark.parametrize("loop", ["fill_gaps", "tidy_lists"])
def test_what_waits_behind_one_that_fails_has_its_turn_when_the_loop_begins_again(loop):
    channels = [with_a_gap(f"page:{number}") for number in range(5)]
    repair, served = Repair(NoSource(), channels, threading.RLock(), Counter()), []

    def serve(found: Channel) -> None:
        served.append(found)
        if len(served) == 2:
            raise Broken
        if len(served) == len(channels):
            repair.close()

    repair._mend = repair._tidy = serve
    for channel in channels:
        repair.look_at(channel)
        repair.tidy(channel)
    with pytest.raises(Broken):
        getattr(repair, loop)()
    getattr(repair, loop)()
    assert sorted(found.name for found in served) == [channel.name for channel in channels]


def test_its_thread_ends_with_the_process_whatever_waits_to_be_filled():
    channels = {f"page:{number}": with_a_gap(f"page:{number}") for number in range(3)}
    repair = Repair(NoSource(), channels, threading.RLock(), Counter())
    for channel in channels.values():
        repair.look_at(channel)
    repair.close()
    thread = threading.Thread(target=repair.fill_gaps, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
