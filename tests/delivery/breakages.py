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
from pathlib import Path

from tests.servers import PROJECT

from .list_breakages import BREAKAGES as LIST_BREAKAGES
from .list_breakages import Edit

#: The torture waits until all is well again. These have no heartbeat that could mend what is broken.
TESTS = {"at once:": "tests/delivery/test_chat_list.py", "in the library:": "tests/turbo/test_lists.py"}
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "instance", "__pycache__", ".hypothesis", ".pytest_cache"
)


BREAKAGES: dict[str, list[Edit]] = {
    "frames are handed on however often they come": [
        Edit("chatapp/turbo/channel.py", "elif frame.revision > self.revision:", "else:"),
        Edit("chatapp/turbo/cursor.py", "elif anyway or frame.revision > self.position:", "else:"),
    ],
    "no gap check": [
        Edit("chatapp/turbo/channel.py", "if self.revision is None or frame.after > self.revision:",
             "if self.revision is None:"),
    ],
    "no heartbeat comparison": [
        Edit("chatapp/turbo/repair.py", "if not known:", "if True:"),
    ],
    "a page's cursor is read after its rows": [
        Edit("chatapp/views/chats.py", "size=opening.size)\n",
             "size=opening.size)\n"
             "    db.session.refresh(chat)\n"
             "    revision = chat.revision\n"),
        Edit("chatapp/views/chats.py", "import limiter", "import db, limiter"),
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
    "a catch-up leaves faces out": [
        Edit("chatapp/models/mixins/page_parts.py", " + self._faces(since)", ""),
    ],
    "no check of what an event follows": [
        Edit("tests/delivery/wire.py", "if not mark.full and not self.reached(mark.after):", "if False:"),
    ],
    "no revision in the heartbeat": [
        Edit("chatapp/turbo/connection.py", 'standing(self._said(positions)) if positions else b""', 'b""'),
    ],
    "no order by id": [
        Edit("tests/delivery/message_list.py", "while place > 0 and self.shown", "while False and self.shown"),
    ],
    "older versions are taken": [
        Edit("tests/delivery/message_list.py", "if reset or article.revision > self.shown[position].revision:",
             "if True:"),
    ],
    "a removal leaves no tombstone": [
        Edit("chatapp/models/chat.py", "Message.revision > revision)",
             "Message.revision > revision, Message.deleted_at.is_(None))"),
    ],
    "a changed record is shown as it was read": [
        Edit("chatapp/turbo/announcements.py", "    _read_again(session, records)\n", ""),
    ],
    "a page remembers a message whatever becomes of the one that it quotes": [
        Edit("chatapp/models/message.py", '"revision", "quoted.revision", ', '"revision", '),
    ],
    "a page remembers a message whatever becomes of the names in it": [
        Edit("chatapp/models/message.py", ' "faces_revision",\n', "\n"),
    ],
    "quotes are not renewed": [
        Edit("chatapp/models/message.py", "super().fragment(since) + self.requote()", "super().fragment(since)"),
    ],
    "static: no order by id": [
        Edit("static/lib/message_list.js", "if (idOf(other) < idOf(article)) break", "break"),
    ],
    "static: no check of what an event follows": [
        Edit("static/turbo/region.js", "if (after && !this.reached(after)) return false", ""),
        Edit("static/turbo/connection.js", "if (!this.reached(data)) this.incomplete()", ""),
    ],
    "static: each try to send is a new message": [
        Edit("static/lib/outbox_sender.js", "client_id: id,", "client_id: Math.random().toString(36),"),
    ],
    "a message that was sent twice is made twice": [
        Edit("chatapp/models/message.py", "        if client_id is None:\n", "        if True:\n"),
        Edit("chatapp/models/chat.py", "client_id=client_id, ", ""),
    ],
}  # fmt: skip
BREAKAGES |= LIST_BREAKAGES


def found_in(name: str, runs: int, database: str) -> str | None:
    """What finds the breakage: the run of the torture, or the test of what has to be there at once. None if it is not
    found. Raises RuntimeError for a torture that did not get so far."""
    with tempfile.TemporaryDirectory(prefix="plainwire-broken-") as directory:
        tree = Path(directory) / "tree"
        shutil.copytree(PROJECT, tree, ignore=LEFT_OUT)
        (tree / "node_modules").symlink_to(PROJECT / "node_modules")
        for edit in BREAKAGES[name]:
            apply(tree / edit.file, edit)
        test = next((test for beginning, test in TESTS.items() if name.startswith(beginning)), None)
        return in_test(tree, test) if test else in_torture(tree, name, runs, database)


def in_test(tree: Path, test: str) -> str | None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", test]
    result = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    found = re.search(r"^FAILED \S+::(.+?)( - |$)", result.stdout, re.MULTILINE)
    return found and found[1]


def in_torture(tree: Path, name: str, runs: int, database: str) -> str | None:
    command = [sys.executable, "-m", "tests.delivery.torture", "--runs", str(runs), "--database", database]
    if name.startswith("static:"):
        command.append("--browser")
    result = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    if found := re.search(r"^seed (\d+), chat", result.stdout, re.MULTILINE):
        return f"run {found[1]}"
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
        found = found_in(name, options.runs, options.database)
        missed += found is None
        print(f"{name:62}{found or 'not found'}", flush=True)
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
