"""Django Channels. Its readers are WebSockets."""

from bench.peers import scratch
from bench.peers.peer import HERE, Peer

REQUIREMENTS = HERE / "channels" / "requirements.txt"


class Channels(Peer):
    label = "Django Channels"
    kind, ready = "ws", "here"

    @classmethod
    def install(cls) -> str:
        scratch.python("channels", REQUIREMENTS)
        return "Channels 4.3.2, Django 5.2.19, uvicorn 0.54.0 with uvloop"

    def command_line(self) -> list[str]:
        options = ["--host=127.0.0.1", f"--port={self.port}", "--log-level=error", "--backlog=2000", "--ws=websockets"]
        program = str(scratch.python("channels", REQUIREMENTS))
        return [program, "-m", "uvicorn", f"--app-dir={HERE / 'channels'}", *options, "app:app"]
