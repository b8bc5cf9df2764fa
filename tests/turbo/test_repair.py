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
def test_one_that_fails_holds_up_no_other_and_is_tried_again_when_the_loop_begins_again(loop):
    channels = [with_a_gap(f"page:{number}") for number in range(5)]
    repair, served = Repair(NoSource(), channels, threading.RLock(), Counter()), []

    def serve(found: Channel) -> None:
        served.append(found)
        if found is channels[0] and len(served) <= len(channels):
            raise Broken
        if len(served) > len(channels):
            repair.close()

    repair._mend = repair._tidy = serve
    for channel in channels:
        repair.look_at(channel)
        repair.tidy(channel)
    with pytest.raises(Broken):
        getattr(repair, loop)()
    assert set(served) == set(channels)
    again = threading.Thread(target=getattr(repair, loop), daemon=True)
    again.start()
    again.join(10)
    assert served[len(channels) :] == channels[:1]


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
