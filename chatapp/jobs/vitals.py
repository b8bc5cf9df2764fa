"""Every process reports its figures, and one of them notes a point for the whole place."""

import logging
from threading import Event

from chatapp.extensions import metrics
from chatapp.models.vitals import Vitals

from . import job

log = logging.getLogger(__name__)

#: Seconds between two reports of a process, and so the age of its figures when another process answers.
REPORT_EVERY = 5


@job
def note() -> None:
    Vitals().note()


def report() -> None:
    """Report this process's figures, and note a point if it is time for one."""
    if metrics.report():
        note()


def keep_reporting(ended: Event) -> None:
    """Report until ``ended``, and then say good-bye. Blocks, so give it a thread of its own."""
    while not ended.is_set():
        try:
            report()
        except Exception:
            log.exception("the figures were not told")
        ended.wait(REPORT_EVERY)
    metrics.leave()
