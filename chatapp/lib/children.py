"""Processes that a parent forks, watches and starts again."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

#: Seconds before a child that has died is started again.
PAUSE = 1.0
#: Seconds between two looks of a child at whether its parent is still there.
ORPHANED_WITHIN = 1.0


class Children:
    """One process for each of ``programs``. The parent has no threads, so a fork is safe, and the children share what
    the parent has read into memory."""

    def __init__(self, *programs: Callable[[], None]):
        self._programs = programs
        self._running: dict[int, Callable[[], None]] = {}
        self._stopping = False

    def watch(self) -> None:
        """Run the programs, until all have ended after SIGTERM or SIGINT. Passes both signals on as SIGTERM."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for program in self._programs:
            self._start(program)
        while self._running:
            pid, status = os.wait()
            program = self._running.pop(pid, None)
            if program and not self._stopping:
                log.warning("%s ended with status %d and is started again", program.__name__, status)
                time.sleep(PAUSE)
                self._start(program)

    def _start(self, program: Callable[[], None]) -> None:
        # A signal between the fork and the note of its process id would not be passed on.
        signals = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        try:
            if self._stopping:
                return
            parent, pid = os.getpid(), os.fork()
            if pid == 0:
                self._be(program, parent)
            self._running[pid] = program
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)

    def _be(self, program: Callable[[], None], parent: int) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
        threading.Thread(target=_end_without, args=(parent,), daemon=True).start()
        status = 1
        try:
            program()
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            log.exception("%s broke", program.__name__)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)  # threads that still wait for a server would keep it alive

    def _stop(self, number: int, frame) -> None:
        self._stopping = True
        for pid in list(self._running):
            os.kill(pid, signal.SIGTERM)


def _end_without(parent: int) -> None:
    """Ends this process once ``parent`` is gone: a killed parent can't tell its children."""
    while os.getppid() == parent:
        time.sleep(ORPHANED_WITHIN)
    os.kill(os.getpid(), signal.SIGTERM)
