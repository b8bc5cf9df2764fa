import threading
from collections import Counter

from chatapp.turbo.channel import Channel
from chatapp.turbo.repair import Repair
from chatapp.turbo.streams import Frame


class NoSource:
    """A database that nobody asks, because the channels of these tests have no readers."""


def with_a_gap(name: str) -> Channel:
    channel = Channel(name)
    channel.begin(1)
    channel.receive(Frame(2, 3, "<p>"))
    return channel


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
