"""Reads what a request for a stream asks for. A garbled request is never an error."""

import re
from urllib.parse import parse_qsl

from flask import Request

#: Stands for a text that is not a cursor: the reader gets the whole page.
NOWHERE = -1
LONGEST_WAIT = 50  # seconds; below the silence that routers allow an answer
SHORTEST_BEAT = 2  # seconds that a page may ask for between two heartbeats; each costs a packet
#: A position of a list is larger than every revision, and still a number to JavaScript.
POSITION, POSITION_LIMIT = re.compile(r"[0-9]{1,16}"), 2**53
#: Streams that one connection may carry.
STREAMS = 10


def cursor(request: Request) -> int:
    """The revision that the page shows. The header wins: it is newer than the address of the page."""
    return position(seen(request) or request.args.get("revision", ""))


def cursors(request: Request) -> dict[str, int]:
    """The streams of a page, by their names, and what it shows of each: ``post:7=43&reader:4=118``.

    The header wins for the streams that it names. It has the form of the query.
    """
    newer = dict(parse_qsl(seen(request), max_num_fields=None))
    asked = {name: text for name, text in request.args.items() if ":" in name}
    return {name: position(newer.get(name, text)) for name, text in list(asked.items())[:STREAMS]}


def seen(request: Request) -> str:
    """The id of the last event that the browser has seen."""
    return request.environ.get("HTTP_LAST_EVENT_ID", "")  # in place of ``headers``, which takes several times as long


def position(text: str) -> int:
    # The pattern comes first: int() raises ValueError for too many digits.
    return int(text) if POSITION.fullmatch(text) and int(text) < POSITION_LIMIT else NOWHERE


def wait(request: Request) -> float | None:
    """Seconds after which the answer ends, for networks that hold a stream back; None for a stream."""
    wanted = request.args.get("wait", type=float)
    return None if wanted is None or wanted != wanted else min(max(wanted, 0.0), LONGEST_WAIT)


def interval(request: Request, usual: float) -> float:
    """Seconds between two heartbeats. A page asks for fewer on a network that soon cuts a silent connection."""
    wanted = request.args.get("beat", usual, type=float)
    return min(max(wanted, SHORTEST_BEAT), usual) if wanted == wanted else usual
