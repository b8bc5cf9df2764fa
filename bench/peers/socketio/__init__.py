"""socket.io, in Node. Its readers are WebSockets."""

from bench.peers import scratch
from bench.peers.peer import HERE, Peer

MANIFEST = HERE / "socketio" / "package.json"


class SocketIO(Peer):
    label = "socket.io"
    kind, path, ready, say = "ws", "/socket.io/?EIO=4&transport=websocket", '40{"sid"', ("40",)

    @classmethod
    def install(cls) -> str:
        scratch.npm("socketio", MANIFEST)
        return f"socket.io 4.8.4, Node {scratch.run(['node', '--version']).strip().lstrip('v')}"

    def command_line(self) -> list[str]:
        self.environ_of_peer = {"MODULES": str(scratch.npm("socketio", MANIFEST))}
        return ["node", str(HERE / "socketio" / "server.js")]
