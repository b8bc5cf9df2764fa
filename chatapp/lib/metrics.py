"""The figures of this process in Prometheus's form."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


class HubCollector:
    """Reads a hub's figures when they are asked for."""

    def __init__(self, hub):
        self.hub = hub

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("turbo_connections", "Open event streams.", self.hub.connection_count)
        yield GaugeMetricFamily("turbo_streams", "Streams subscribed to.", self.hub.stream_count)
        figures = CounterMetricFamily("turbo_events", "What the hub did.", labels=["event"])
        for name, value in sorted(self.hub.figures.items()):
            figures.add_metric([name], value)
        yield figures


def registry(hub) -> CollectorRegistry:
    """A registry with the figures of ``hub``."""
    registry = CollectorRegistry()
    registry.register(HubCollector(hub))
    return registry
