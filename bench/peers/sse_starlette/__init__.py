"""sse-starlette."""

from bench.peers import scratch
from bench.peers.peer import HERE, Peer

REQUIREMENTS = HERE / "sse_starlette" / "requirements.txt"


class SseStarlette(Peer):
    label = "sse-starlette"

    @classmethod
    def install(cls) -> str:
        scratch.python("sse_starlette", REQUIREMENTS)
        return "sse-starlette 3.7.0, Starlette 1.10.0, uvicorn 0.54.0 with uvloop"

    def command_line(self) -> list[str]:
        options = ["--host=127.0.0.1", f"--port={self.port}", "--log-level=error", "--backlog=2000"]
        program = str(scratch.python("sse_starlette", REQUIREMENTS))
        return [program, "-m", "uvicorn", f"--app-dir={HERE / 'sse_starlette'}", *options, "app:app"]
