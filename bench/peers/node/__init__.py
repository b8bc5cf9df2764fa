"""A server by hand, in Node."""

from bench.peers import scratch
from bench.peers.peer import HERE, Peer


class Node(Peer):
    label = "Node by hand"

    @classmethod
    def install(cls) -> str:
        return f"Node {scratch.run(['node', '--version']).strip().lstrip('v')}"

    def command_line(self) -> list[str]:
        return ["node", str(HERE / "node" / "server.js")]
