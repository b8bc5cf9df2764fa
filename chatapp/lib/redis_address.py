"""The forms in which an address of Redis is written.

redis://user:password@host:6379/0                             one server; rediss for TLS
unix:///run/redis.sock                                        one server on this machine
redis+sentinel://user:password@host:26379,other:26379/main    the primary that Sentinels call "main"
redis+cluster://user:password@host:6379,other:6379            a cluster, of which one server has to answer
"""

from typing import NamedTuple
from urllib.parse import urlsplit

SENTINEL, CLUSTER = "sentinel", "cluster"
#: The ports of addresses without one.
PORTS = {SENTINEL: 26379, CLUSTER: 6379}


class Hosts(NamedTuple):
    """``url`` names the first of ``addresses`` in redis-py's form. ``service`` is the name that Sentinels know."""

    url: str
    addresses: list[tuple[str, int]]
    service: str


def kind_of(url: str) -> str:
    """``"sentinel"``, ``"cluster"``, or ``""`` for one server."""
    return url.partition("://")[0].partition("+")[2]


def hosts_of(url: str) -> Hosts:
    """The parts of an address with several hosts. Raises ValueError for one that can't be read."""
    scheme, _, rest = url.partition("://")
    scheme, _, kind = scheme.partition("+")
    place, _, query = rest.partition("?")
    netloc, _, service = place.partition("/")
    login, at, names = netloc.rpartition("@")
    parts = [urlsplit(f"//{name}") for name in names.split(",")]
    addresses = [(part.hostname or "", part.port or PORTS[kind]) for part in parts]
    if not all(host for host, _ in addresses) or bool(service) != (kind == SENTINEL):
        raise ValueError(kind)
    first = names.split(",")[0]
    return Hosts(f"{scheme}://{login}{at}{first}" + (f"?{query}" if query else ""), addresses, service)
