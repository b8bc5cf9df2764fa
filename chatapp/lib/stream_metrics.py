"""The figures of a hub of live streams, for a registry of Prometheus's."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

#: A reader for whom more chunks wait than this counts as behind. For one who keeps up, none or one waits.
BEHIND = 20
#: What a hub counts. Each of these is there from the start, as 0.
EVENTS = (
    "begun", "catch_ups", "cut_off", "deliveries", "frames", "full_replacements", "gap_fills", "gathered", "gave_way",
    "head_fills", "heartbeat_fills", "put_off",
)  # fmt: skip


class StreamCollector:
    """Reads the figures of ``hub`` when they are asked for. ``bounds`` are those of its delays, in seconds.

    ``sliced(things)`` iterates over many things, and lets other threads run in between.
    """

    def __init__(self, hub, bounds: tuple[float, ...], sliced: Callable[[Iterable], Iterable]):
        self.hub, self.bounds, self.sliced = hub, [*map(str, bounds), "+Inf"], sliced

    def collect(self) -> Iterator[Metric]:
        modes, behind = Counter(in_line=len(self.hub.line)), 0
        for connection in self.sliced(self.hub.connections()):
            modes["stream" if connection.wait is None else "long_poll"] += 1
            behind += connection.outlet.backlog > BEHIND
        yield self._connections(modes)
        yield GaugeMetricFamily("turbo_readers_behind", "Open streams with more than 20 chunks that wait.", behind)
        yield GaugeMetricFamily("turbo_streams", "Streams subscribed to.", self.hub.stream_count)
        events = CounterMetricFamily("turbo_events", "What the hub did.", labels=["event"])
        for name, value in sorted((dict.fromkeys(EVENTS, 0) | self.hub.figures).items()):
            events.add_metric([name], value)
        yield events
        yield self._delays()

    def _connections(self, modes: Counter[str]) -> Metric:
        family = GaugeMetricFamily("turbo_connections", "Open event streams.", labels=["mode"])
        for mode in ("in_line", "long_poll", "stream"):
            family.add_metric([mode], modes[mode])
        return family

    def _delays(self) -> Metric:
        delays, buckets, so_far = self.hub.delays, [], 0
        for bound, count in zip(self.bounds, list(delays.counts), strict=True):
            so_far += count
            buckets.append((bound, so_far))
        words = "Seconds from the publication of a change to its last byte in a reader's socket."
        return HistogramMetricFamily("turbo_delivery_seconds", words, buckets=buckets, sum_value=delays.seconds)
