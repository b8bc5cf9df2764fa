"""bin/parts.py, which bin/dev runs everything with."""

import os
import sys
import threading
from pathlib import Path

import psutil
import pytest

from tests.servers import PROJECT, has_ended, wait_until

sys.path.append(str(PROJECT / "bin"))
from parts import Parts  # noqa: E402

STUBBORN = "trap '' TERM; echo $$ > {file}; while :; do sleep 1; done"


@pytest.fixture
def parts():
    started = Parts(dict(os.environ), width=6)
    yield started
    hurry = threading.Event()
    hurry.set()
    started.stop(hurry)


def test_every_line_stands_behind_the_name_of_its_part(parts, capfd):
    parts.start("greet", "echo hello")
    wait_until(lambda: not any(thread.name == "relay greet" for thread in threading.enumerate()))
    assert capfd.readouterr().out == "greet  | hello\n"  # capfd loses what is written while it reads


def test_a_part_that_ends_is_reported_with_its_status(parts):
    parts.start("short", "sh -c 'exit 3'")
    assert wait_until(parts.dead) == ("short", 3)


def test_a_process_that_left_its_group_and_ignores_sigterm_is_stopped_too(parts, tmp_path):
    file = tmp_path / "pid"
    script = f"import os, subprocess; subprocess.run({['sh', '-c', STUBBORN.format(file=file)]!r}, process_group=0)"
    (tmp_path / "part.py").write_text(script)
    parts.start("web", f"{sys.executable} {tmp_path / 'part.py'}")
    process = psutil.Process(int(wait_until(lambda: content(file))))
    parts.stop(threading.Event())
    wait_until(lambda: has_ended(process))


def content(file: Path) -> str:
    return file.read_text().strip() if file.exists() else ""
