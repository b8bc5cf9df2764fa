"""What a request for a stream asks for. Whatever the network made of it, it never is an error."""

import re

from flask import Request

#: A cursor that no page of ours has sent: the reader gets the whole page.
NOWHERE = -1
LONGEST_WAIT = 50  # seconds; below what routers allow an answer that is silent
SHORTEST_BEAT = 2  # seconds that a page may ask for between two heartbeats; each costs a packet
REVISION, REVISION_LIMIT = re.compile(r"[0-9]{1,10}"), 2**31


def cursor(request: Request) -> int:
    """The revision that the page shows. The header wins: it is newer than the address of the page."""
    text = request.headers.get("Last-Event-ID") or request.args.get("revision", "")
    # Digits without end are no number to Python either: it refuses to read them.
    return int(text) if REVISION.fullmatch(text) and int(text) < REVISION_LIMIT else NOWHERE


def wait(request: Request) -> float | None:
    """Seconds after which the answer shall end, for networks that hold a stream back; None for a stream."""
    wanted = request.args.get("wait", type=float)
    return None if wanted is None or wanted != wanted else min(max(wanted, 0.0), LONGEST_WAIT)


def interval(request: Request, usual: float) -> float:
    """Seconds between two heartbeats, as the page asks for them on a network that cuts short silences."""
    wanted = request.args.get("beat", usual, type=float)
    return min(max(wanted, SHORTEST_BEAT), usual) if wanted == wanted else usual
