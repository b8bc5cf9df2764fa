"""A test that cannot fail proves nothing: breaks one mechanism at a time, in a copy of the tree, and lets the torture
run until it finds out.

    python -m tests.delivery.breakages            all of them, and how many runs each took
    python -m tests.delivery.breakages no_gap_check --runs 500
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.servers import PROJECT

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "instance", "__pycache__", ".hypothesis", ".pytest_cache"
)


@dataclass(frozen=True)
class Edit:
    file: str
    old: str
    new: str


BREAKAGES: dict[str, list[Edit]] = {
    "frames are handed on however often they come": [
        Edit("chatapp/turbo/channel.py", "elif frame.revision > self.revision:", "else:"),
        Edit("chatapp/turbo/connection.py", "elif anyway or frame.revision > self.cursor:", "else:"),
    ],
    "no gap check": [
        Edit("chatapp/turbo/channel.py", "if self.revision is None or frame.after > self.revision:",
             "if self.revision is None:"),
    ],
    "no heartbeat comparison": [
        Edit("chatapp/turbo/repair.py", "if not known:", "if True:"),
    ],
    "a page's cursor is read after its rows": [
        Edit("chatapp/views/chats.py", "    messages, older = chat.page_of_messages()\n",
             "    messages, older = chat.page_of_messages()\n"
             "    db.session.refresh(chat)\n"
             "    revision = chat.revision\n"),
    ],
    "a catch-up's revision is read after its rows": [
        Edit("chatapp/turbo/streamable.py", "        return Frame(cursor, revision, html)",
             "        session.refresh(self)\n        return Frame(cursor, self.revision, html)"),
    ],
    "a catch-up is told again when there is news": [
        Edit("chatapp/turbo/channel.py",
             "    def _hand_out(self, frame: Frame) -> None:\n        self._catch_ups.clear()\n",
             "    def _hand_out(self, frame: Frame) -> None:\n"),
    ],
    "no check of what an event follows": [
        Edit("tests/delivery/page.py", "if after and not self.reached(int(after[1])):", "if False:"),
    ],
    "no revision in the heartbeat": [
        Edit("chatapp/turbo/connection.py", 'standing(self.cursor) if self.cursor >= 0 else b""', 'b""'),
    ],
    "no order by id": [
        Edit("tests/delivery/page.py", "while place > 0 and self.shown", "while False and self.shown"),
    ],
    "older versions are taken": [
        Edit("tests/delivery/page.py", "if reset or article.revision > self.shown[position].revision:", "if True:"),
    ],
    "a removal leaves no tombstone": [
        Edit("chatapp/models/chat.py", "Message.revision > revision)",
             "Message.revision > revision, Message.deleted_at.is_(None))"),
    ],
    "a changed record is shown as it was read": [
        Edit("chatapp/turbo/announcements.py", "    _read_again(session, list(records))\n", ""),
    ],
    "static: no order by id": [
        Edit("static/lib/message_list.js", "if (Number(other.dataset.messageId) < id) break", "break"),
    ],
    "static: no check of what an event follows": [
        Edit("static/turbo/region.js", "if (after && !this.reached(after)) return false", ""),
        Edit("static/turbo/connection.js", "if (!this.reached(data)) this.incomplete()", ""),
    ],
    "static: each try to send is a new message": [
        Edit("static/lib/outbox_sender.js", "client_id: id }", "client_id: Math.random().toString(36) }"),
    ],
    "a message that was sent twice is made twice": [
        Edit("chatapp/models/message.py", "        if client_id is None:\n", "        if True:\n"),
        Edit("chatapp/models/chat.py", "content=content, client_id=client_id)", "content=content)"),
    ],
}  # fmt: skip


def runs_needed(name: str, runs: int, database: str) -> int | None:
    """How many runs it took to find the breakage; None if it was not found. Raises RuntimeError for a torture that
    did not get so far."""
    with tempfile.TemporaryDirectory(prefix="plainwire-broken-") as directory:
        tree = Path(directory) / "tree"
        shutil.copytree(PROJECT, tree, ignore=LEFT_OUT)
        (tree / "node_modules").symlink_to(PROJECT / "node_modules")
        for edit in BREAKAGES[name]:
            apply(tree / edit.file, edit)
        command = [sys.executable, "-m", "tests.delivery.torture", "--runs", str(runs), "--database", database]
        if name.startswith("static:"):
            command.append("--browser")
        result = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    if found := re.search(r"^seed (\d+), chat", result.stdout, re.MULTILINE):
        return int(found[1])
    if result.returncode:
        raise RuntimeError(result.stdout[-2000:] + result.stderr[-2000:])
    return None


def apply(path: Path, edit: Edit) -> None:
    text = path.read_text()
    if text.count(edit.old) != 1:
        raise ValueError(f"{edit.file} has changed: {edit.old!r} is there {text.count(edit.old)} times")
    path.write_text(text.replace(edit.old, edit.new))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=300, help="after which a breakage counts as not found")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    options = parser.parse_args()
    missed = 0
    for name in options.names or BREAKAGES:
        needed = runs_needed(name, options.runs, options.database)
        missed += needed is None
        print(f"{name:62}{'not found' if needed is None else f'run {needed}'}", flush=True)
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
