"""The example app of the library's README, in a folder of its own: nothing of this project is there but the library."""

import os
import re
import shutil
import sys
import urllib.request
from pathlib import Path

from tests.servers import PROJECT, Server, free_port

README = PROJECT / "chatapp" / "turbo" / "README.md"
TURBO = PROJECT / "node_modules" / "@hotwired" / "turbo" / "dist" / "turbo.es2017-esm.js"


class ScratchBlog(Server):
    """The example app behind gunicorn and gevent, on SQLite. ``url`` is the address of its one post."""

    def __init__(self, folder: Path, redis_url: str):
        self.directory_of_work = unpack(folder)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/posts/1"
        command = [sys.executable, "-m", "gunicorn", "-k", "gevent", "-b", f"127.0.0.1:{port}"]
        environ = {"PATH": os.environ["PATH"], "FLASK_TURBO_REDIS_URL": redis_url}
        super().__init__("the example app", [*command, "--graceful-timeout", "1", "app:app"], environ)

    def is_ready(self) -> bool:
        try:
            return urllib.request.urlopen(self.url, timeout=5).status == 200
        except OSError:
            return False


def unpack(folder: Path) -> Path:
    """Puts the app together as the README says."""
    shutil.copytree(PROJECT / "chatapp" / "turbo", folder / "turbo", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "static" / "turbo", folder / "static" / "turbo")
    shutil.copy(TURBO, folder / "static")
    for name, text in re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder
