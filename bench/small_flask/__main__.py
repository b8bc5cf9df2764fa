"""What a message costs in the smallest Flask app (app.py), in Rails, and here: CPU of the server, by turns.

python -m bench.small_flask [--rounds=5]
"""

import http.client
import statistics
import sys
import tempfile
import urllib.parse
from contextlib import ExitStack
from pathlib import Path

from bench.measures.requests import TEXT, TIMES, WARM_UP, cpu_ms
from bench.peers.action_cable import ActionCable
from bench.peers.peer import Peer
from bench.peers.plainwire import FORM, plainwire


class SmallFlask(Peer):
    """Nobody reads from it."""

    label = "the smallest Flask app"

    def command_line(self) -> list[str]:
        options = ["-k", "gevent", "-w1", f"--bind=127.0.0.1:{self.port}", f"--chdir={Path(__file__).parent}"]
        return [sys.executable, "-m", "gunicorn", *options, "--no-control-socket", "--log-level=error", "app:app"]

    def is_ready(self) -> bool:
        try:
            self._log_in()
        except (OSError, http.client.HTTPException):
            return False
        return True

    def _log_in(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/login")
        answer = connection.getresponse()
        self.token, self.cookie = answer.read().decode(), answer.headers["Set-Cookie"].partition(";")[0]
        connection.close()

    def post(self, text: str) -> None:
        body = urllib.parse.urlencode({"content": text, "csrf_token": self.token}).encode()
        self.ask("POST", "/messages", body, {"Content-Type": FORM, "Cookie": self.cookie})


def main() -> None:
    rounds = next((int(given.partition("=")[2]) for given in sys.argv if given.startswith("--rounds=")), 5)
    print(ActionCable.install())
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        servers = [stack.enter_context(cls(Path(directory) / cls.__name__)) for cls in (ActionCable, SmallFlask)]
        servers.append(stack.enter_context(plainwire(Path(directory) / "plainwire")))
        for server in servers:
            cpu_ms(server, lambda: server.post(TEXT), WARM_UP)  # noqa: B023
        found = [[cpu_ms(server, lambda: server.post(TEXT), TIMES) for server in servers] for _ in range(rounds)]  # noqa: B023
    for place, server in enumerate(servers):
        took = statistics.median(one[place] for one in found)
        ratio = statistics.median(one[place] / one[0] for one in found)
        print(f"{server.label:24}{took:8.2f} ms{ratio:8.2f}x")


if __name__ == "__main__":
    main()
