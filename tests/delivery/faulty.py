"""The product with faults in it, for gunicorn: `gunicorn tests.delivery.faulty:app`. The product has no hooks for this.

A request asks for its fault in the header `X-Fault`:
    kill:before_commit  kill:after_commit  kill:after_publish    this process dies there, by SIGKILL
    publish:twice  publish:late  publish:never    what it publishes comes twice, after the next one, or never
    slow:MS    waits that many milliseconds after each statement that reads, so that others get in between
    hold       its stream reads what it has missed only after `GET /release`
`GET /inside` tells what is open in the process that answers; `GET /inside?whole` looks at all of its objects for that,
which takes it a third of a second.
"""

import sys

if "gunicorn" in sys.modules:
    # With --preload it loads this before it patches; the product would keep queues that block the whole process.
    from gevent import monkey

    monkey.patch_all(os=False, signal=False)  # the master still has to notice when a child dies

import gc  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

from greenlet import greenlet  # noqa: E402
from sqlalchemy import event  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from chatapp.extensions import db, turbo  # noqa: E402
from chatapp.turbo import channel, tell  # noqa: E402
from chatapp.turbo.signals import published  # noqa: E402
from wsgi import app as product  # noqa: E402

LATEST = 0.25  # seconds that a late publication waits for the next one

channel.CROWD, channel.PAUSE_FOR_EACH = 2, 0.025  # the worlds of the tests are small

armed = threading.local()
released = threading.Event()
_late: list[tuple[str, dict]] = []


def app(environ, start_response):
    arm(environ.get("HTTP_X_FAULT"))
    if environ["PATH_INFO"] == "/inside":
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(inside(whole=environ["QUERY_STRING"] == "whole")).encode()]
    if environ["PATH_INFO"] == "/release":
        released.set()
        start_response("204 No Content", [])
        return []
    return product(environ, start_response)


def inside(whole: bool) -> dict[str, int]:
    """What an open stream costs in this process, and what it has to give back."""
    if whole:
        gc.collect()
        greenlets = sum(isinstance(thing, greenlet) and not thing.dead for thing in gc.get_objects())
        return inside(False) | {"files": len(os.listdir("/proc/self/fd")), "greenlets": greenlets}
    return {
        "connections": turbo.hub.connection_count,
        "streams": turbo.hub.stream_count,
        "in_line": sum(not connection.ended for connection in turbo.hub.line.standing),
        "waiting": sum(connection.outlet.backlog for connection in turbo.hub.connections()),
        "cut_off": sum(connection.cut_off for connection in turbo.hub.connections()),
    }


def arm(fault: str | None) -> None:
    """What goes wrong from now on in this thread."""
    armed.fault = fault


def is_armed(fault: str) -> bool:
    return getattr(armed, "fault", None) == fault


def die_at(point: str) -> None:
    if is_armed(f"kill:{point}"):
        os.kill(os.getpid(), signal.SIGKILL)


@event.listens_for(Session, "before_commit")
def before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        die_at("before_commit")


@event.listens_for(Session, "after_commit", insert=True)  # before what publishes
def after_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        die_at("after_commit")


@published.connect
def after_publish(sender, **_) -> None:
    if is_armed("kill:after_publish"):  # what a commit publishes leaves together, so this is answered behind it
        tell(turbo.publisher.redis, "ping", then=lambda answer: os.kill(os.getpid(), signal.SIGKILL))


def pause(connection, cursor, statement, *_) -> None:
    kind, _, milliseconds = (getattr(armed, "fault", None) or "").partition(":")
    if kind == "slow" and statement.lstrip().startswith("SELECT"):
        time.sleep(float(milliseconds) / 1000)


def catch_up(name: str, cursor: int):
    if is_armed("hold"):
        released.wait()
    return read(name, cursor)


def publish(name: str, payload: dict) -> None:
    if is_armed("publish:never"):
        return
    if is_armed("publish:late"):
        _late.append((name, payload))
        threading.Timer(LATEST, send_late).start()
        return
    send(name, payload)
    if is_armed("publish:twice"):
        send(name, payload)
    send_late()


def send_late() -> None:
    while _late:
        send(*_late.pop(0))


send, turbo.publisher._send = turbo.publisher._send, publish
read, turbo.hub.source.catch_up = turbo.hub.source.catch_up, catch_up
with product.app_context():
    event.listen(db.engine, "after_cursor_execute", pause)
