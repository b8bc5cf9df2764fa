"""Runs several commands side by side, each line of output behind its part's name. None outlives this process."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

GRACE = 4  # seconds a part has to stop by itself; an unfinished job is taken up at the next start
POLL = 0.05  # seconds
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


class Parts:
    """Started in order, stopped in the opposite order: what the others lean on goes last."""

    def __init__(self, environ: dict[str, str], width: int):
        self.environ = environ
        self.width = width
        self.running: dict[str, subprocess.Popen] = {}

    def start(self, name: str, command: str) -> None:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches this process only, and a session can be cleared of what is left
            preexec_fn=stop_with_parent,
        )
        self.running[name] = process
        threading.Thread(target=self.relay, args=(name, process), name=f"relay {name}", daemon=True).start()

    def relay(self, name: str, process: subprocess.Popen) -> None:
        with process.stdout:
            for line in process.stdout:
                self.say(name, line.decode(errors="replace").rstrip("\n"))

    def say(self, name: str, line: str) -> None:
        with suppress(BrokenPipeError):
            print(f"{name:<{self.width}} | {line}", flush=True)

    def dead(self) -> tuple[str, int] | None:
        """The name and exit status of a part that has stopped."""
        return next(((name, process.returncode) for name, process in self.running.items() if has_ended(process)), None)

    def stop(self, in_a_hurry: threading.Event) -> None:
        for process in reversed(self.running.values()):
            end(process, in_a_hurry)


def stop_with_parent() -> None:
    """Runs in the new process: it gets SIGTERM even when this one is killed with -9. Linux has this, macOS does not."""
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def has_ended(process: subprocess.Popen) -> bool:
    return process.poll() is not None


def end(process: subprocess.Popen, in_a_hurry: threading.Event) -> None:
    if not has_ended(process):
        process.terminate()
    deadline = time.monotonic() + GRACE
    while not has_ended(process) and time.monotonic() < deadline and not in_a_hurry.is_set():
        time.sleep(POLL)
    for pid in session_of(process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def session_of(leader: int) -> list[int]:
    """What a part has started and left behind: workers form process groups of their own, but stay in its session."""
    listed = subprocess.run(["ps", "-axo", "pid="], capture_output=True, text=True, start_new_session=True).stdout
    return [pid for pid in map(int, listed.split()) if session_id(pid) == leader]


def session_id(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None
