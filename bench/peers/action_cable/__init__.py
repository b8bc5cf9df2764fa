"""Rails with Action Cable on puma, with YJIT. Debian's packages. Its readers are WebSockets."""

import json
import urllib.parse

from bench.peers import scratch
from bench.peers.peer import HERE, Peer

PACKAGES = {"ruby-rails": "2:6.1.7*", "puma": "5.6.5*", "ruby-sqlite3": "1.4.2*", "ruby3.1": "3.1.2*"}
PACKAGES |= {"ruby-minitest": "5.17*"}  # Active Support asks for it
LIBRARIES = ["lib/ruby/vendor_ruby", "lib/{}/ruby/vendor_ruby/3.1.0", "lib/ruby/3.1.0", "lib/{}/ruby/3.1.0"]
GEMS = ["share/rubygems-integration/all", "share/rubygems-integration/3.1.0", "lib/{}/rubygems-integration/3.1.0"]


class ActionCable(Peer):
    label = "Rails Action Cable"
    kind, path, ready = "ws", "/cable", "confirm_subscription"
    headers = {"Sec-WebSocket-Protocol": "actioncable-v1-json"}
    say = (json.dumps({"command": "subscribe", "identifier": json.dumps({"channel": "ChatChannel"})}),)

    @classmethod
    def install(cls) -> str:
        root = scratch.debian("rails", PACKAGES)
        scratch.program(root, "ruby3.1")
        return "Rails 6.1.7, puma 5.6.5, Ruby 3.1.2 with YJIT"

    def command_line(self) -> list[str]:
        root = scratch.debian("rails", PACKAGES)
        self.environ_of_peer = environ(root) | {
            "VIEWS": str(HERE / "action_cable" / "views"),
            "RAILS_ENV": "production",
        }
        options = ["--bind", f"tcp://127.0.0.1:{self.port}?backlog=2000", "-t", "5:5", "-e", "production", "-q"]
        ruby = [scratch.program(root, "ruby3.1"), "--yjit", scratch.program(root, "puma")]
        return [*ruby, *options, str(HERE / "action_cable" / "config.ru")]

    def post(self, text: str) -> None:
        """A message that is saved and told."""
        body = urllib.parse.urlencode({"content": text}).encode()
        self.ask("POST", "/messages", body, {"Content-Type": "application/x-www-form-urlencoded"})


def environ(root) -> dict[str, str]:
    """For Ruby to find what lies in ``root`` instead of ``/``."""
    (libraries,) = (root / "usr/lib").glob("*-linux-gnu*")

    def paths(folders: list[str]) -> str:
        return ":".join(str(root / "usr" / folder.format(libraries.name)) for folder in folders)

    return {"LD_LIBRARY_PATH": str(libraries), "RUBYLIB": paths(LIBRARIES), "GEM_PATH": paths(GEMS)}
