"""The figures of a hub, as they are read."""

from types import SimpleNamespace

from chatapp.lib.stream_metrics import BEHIND, StreamCollector
from chatapp.turbo import Connection
from chatapp.turbo.delays import BOUNDS, Delays


def test_connections_are_counted_in_one_pass_that_lets_others_run():
    open_ones = [*(Connection({"post:1": 1}) for _ in range(3)), Connection({"post:1": 1}, wait=25)]
    for number in range(BEHIND + 1):
        open_ones[0].write(b"%d" % number)
    hub = SimpleNamespace(
        connections=lambda: open_ones, line=["somebody"], stream_count=1, figures={"begun": 4}, delays=Delays()
    )
    passes = []
    collector = StreamCollector(hub, BOUNDS, lambda things: passes.append(len(things)) or things)
    samples = [sample for family in collector.collect() for sample in family.samples]
    modes = {sample.labels["mode"]: sample.value for sample in samples if sample.name == "turbo_connections"}
    assert modes == {"stream": 3, "long_poll": 1, "in_line": 1}
    assert [sample.value for sample in samples if sample.name == "turbo_readers_behind"] == [1]
    assert passes == [4]
