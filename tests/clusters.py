"""Real Redis servers that make a cluster: three primaries with a replica each."""

import threading
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import redis

from .servers import RedisServer, free_port, wait_until

SHARDS = 3
SLOTS = 16384
#: Milliseconds of silence after which the others take a server for dead.
NODE_TIMEOUT = 1500


class ClusterServer(RedisServer):
    """One server of a cluster."""

    def __init__(self, directory: Path):
        super().__init__(directory, free_port())
        directory.mkdir(parents=True, exist_ok=True)
        self.bus = free_port()
        settings = {
            "cluster-enabled": "yes",
            "cluster-port": str(self.bus),
            "cluster-node-timeout": str(NODE_TIMEOUT),
            "cluster-require-full-coverage": "no",
        }
        self.command += [word for name, value in settings.items() for word in (f"--{name}", value)]
        self.client = redis.Redis(port=self.port, decode_responses=True)
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        return self.client.execute_command("CLUSTER MYID")

    def knows(self, other: "ClusterServer") -> bool:
        """Whether they have met: before that, each has an id in the other's list that will not stay."""
        id = other.id
        return any(node["node_id"] == id for node in self.client.cluster("nodes").values())

    @property
    def leads(self) -> bool:
        return self.client.role()[0] == "master"

    def come_back(self) -> None:
        """Start again; harmless where it runs, or another thread starts it."""
        with self._lock:
            if not self.running:
                self.start()

    def take_over(self) -> None:
        """Have this replica become the primary of its shard while the other one lives."""
        self.client.execute_command("CLUSTER FAILOVER")
        wait_until(lambda: self.leads, 10, "the replica to take over")


class Cluster:
    """A context manager. ``primaries`` and ``replicas`` are as they were at the start; the n-th follows the n-th."""

    def __init__(self, directory: Path):
        self.primaries = [ClusterServer(directory / f"primary-{n}") for n in range(SHARDS)]
        self.replicas = [ClusterServer(directory / f"replica-{n}") for n in range(SHARDS)]
        self._stack = ExitStack()

    @property
    def servers(self) -> list[ClusterServer]:
        return self.primaries + self.replicas

    @property
    def url(self) -> str:
        """Names two of the servers only; the client hears of the others."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in self.primaries[:2])

    def __enter__(self):
        with ExitStack() as stack:
            self._begin(stack)
            self._stack = stack.pop_all()
        return self

    def _begin(self, stack: ExitStack) -> None:
        for server in self.servers:
            stack.enter_context(server)
        first, step = self.primaries[0], -(-SLOTS // SHARDS)
        for number, server in enumerate(self.primaries):
            begin = number * step
            server.client.execute_command("CLUSTER ADDSLOTSRANGE", begin, min(begin + step, SLOTS) - 1)
        for server in self.servers[1:]:
            first.client.execute_command("CLUSTER MEET", "127.0.0.1", server.port, server.bus)
        for primary, replica in zip(self.primaries, self.replicas, strict=True):
            wait_until(partial(replica.knows, primary), 30, "the servers to meet")
            replica.client.execute_command("CLUSTER REPLICATE", primary.id)
        self.wait_until_whole()

    def __exit__(self, *_):
        for server in self.servers:
            server.client.close()
        self._stack.close()

    def wait_until_whole(self) -> "Cluster":
        """Start what is dead, and wait until each shard has two servers again."""
        for server in self.servers:
            server.come_back()
        wait_until(self._is_whole, 30, "all replicas to follow")
        return self

    def _is_whole(self) -> bool:
        infos = [server.client.cluster("info") for server in self.servers]
        roles = [server.client.role() for server in self.servers]
        following = sum(role[:4:3] == ["slave", "connected"] for role in roles)
        return all(info["cluster_state"] == "ok" for info in infos) and following == SHARDS

    def shard_of(self, key: str) -> int:
        """The number of the shard that has the key, from 0 on."""
        slot = self.primaries[0].client.cluster("keyslot", key)
        return slot // -(-SLOTS // SHARDS)

    def primary_of(self, shard: int) -> ClusterServer:
        """The server that leads the shard now."""
        return next(server for server in self._both(shard) if server.leads)

    def follower_of(self, shard: int) -> ClusterServer:
        """The server that would take its place."""
        return next(server for server in self._both(shard) if not server.leads)

    def _both(self, shard: int) -> list[ClusterServer]:
        return [server for server in (self.primaries[shard], self.replicas[shard]) if server.running]


class Sentinel(RedisServer):
    """Watches ``primary`` under the name ``main``, and puts a replica in its place when it is dead."""

    def __init__(self, directory: Path, primary: RedisServer):
        super().__init__(directory, free_port())
        settings = directory / "sentinel.conf"
        settings.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {directory}\n"
            f"sentinel monitor main 127.0.0.1 {primary.port} 1\n"
            f"sentinel down-after-milliseconds main {NODE_TIMEOUT}\n"
            "sentinel failover-timeout main 10000\n"
        )
        self.command = [self.command[0], str(settings), "--sentinel"]
        self.url = f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{self.port}/main"
        self.client = redis.Redis(port=self.port, decode_responses=True)

    @property
    def knows_a_replica(self) -> bool:
        return any(replica["flags"] == "slave" for replica in self.client.sentinel_slaves("main"))
