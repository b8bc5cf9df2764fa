"""Tests the network with a stream whose content is known beforehand, and with requests of every kind."""

import time
from collections.abc import Callable, Iterator

from flask import Blueprint, request

from chatapp.extensions import db, limiter, turbo
from chatapp.turbo import event_stream
from chatapp.turbo.streams import event

from . import member_routes

bp = Blueprint("probes", __name__)

RATE = "20 per minute"
LONGEST_BEATING, LONGEST_SILENCE = 8, 60  # seconds
INTERVAL = 1  # seconds between two events


@bp.get("/connection/probe")
@limiter.limit(RATE)
def show():
    beating = bounded("seconds", 4, 1, LONGEST_BEATING)
    silence = bounded("silence", 0, 0, LONGEST_SILENCE)
    # The answer takes up to a minute, and must not keep a database connection meanwhile.
    db.session.remove()
    return event_stream(events(beating, silence, turbo.hub.closed_within))


def update():
    return "", 204


def destroy():
    return "", 204


def bounded(name: str, default: int, least: int, most: int) -> int:
    return min(max(request.args.get(name, default, type=int), least), most)


def events(beating: int, silence: int, stopped_within: Callable[[float], bool]) -> Iterator[bytes]:
    r"""``b'id: 2\ndata: 1000\n\n'``: the event's number, and the milliseconds since the first.

    Sends one a second for ``beating`` seconds. With a ``silence`` it sends one more, after that many further seconds.
    """
    started = time.monotonic()
    for number in range(1, beating + 1):
        yield numbered(number, started)
        if stopped_within(silence if silence and number == beating else INTERVAL):
            return
    if silence:
        yield numbered(beating + 1, started)


def numbered(number: int, started: float) -> bytes:
    return event(f"{1000 * (time.monotonic() - started):.0f}", id=number)


member_routes(bp, "/connection/probe", update=update, destroy=destroy)
