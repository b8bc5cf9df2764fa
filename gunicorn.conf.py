"""The web process. Reads chatapp/config.py by path: importing the package here would load it before gevent's patch."""

import runpy
import socket
import sys
from pathlib import Path
from urllib.parse import quote

from gunicorn.glogging import Logger

ROOM_FOR_PAGES = 500  # connections beside the streams; at the limit, pages hang without an error
SHUTDOWN_POLL = 0.1  # seconds

PACKAGE = Path(__file__).parent / "chatapp"
chosen = runpy.run_path(str(PACKAGE / "config.py"))["from_environment"]()


def address(host: str, port: int) -> str:
    if not host:
        host = "::" if has_ipv6() else "0.0.0.0"  # `::` takes IPv4 connections as well
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True


class OneLineLogger(Logger):
    """A path is written as it was sent: decoded, it could hold a line end, and so forge a line."""

    def atoms(self, resp, req, environ, request_time):
        return super().atoms(resp, req, environ, request_time) | {"U": quote(environ.get("PATH_INFO", ""))}


def post_worker_init(worker):
    """A stopping worker waits for open requests, and a stream never ends by itself: end them as it begins to stop."""
    import gevent

    gevent.spawn(end_streams_on_shutdown, worker)
    if "wsgi" in sys.modules:  # missing when a reload met a syntax error
        from chatapp.authentication import show_setup_token

        gevent.spawn(show_setup_token, sys.modules["wsgi"].app)


def end_streams_on_shutdown(worker):
    import gevent

    while worker.alive:
        gevent.sleep(SHUTDOWN_POLL)
    gevent.spawn(close_idle_connections, worker)
    if "wsgi" in sys.modules:  # missing when a reload met a syntax error
        sys.modules["wsgi"].app.extensions["turbo"].hub.close()


def close_idle_connections(worker):
    import gevent

    while True:
        worker.close_idle()
        gevent.sleep(SHUTDOWN_POLL)


wsgi_app = "wsgi:app"
bind = address(chosen["BIND_HOST"], chosen["PORT"])
workers = chosen["WEB_CONCURRENCY"]
worker_class = runpy.run_path(str(PACKAGE / "lib" / "web_worker.py"))["WebWorker"]
worker_class.trusted_proxies = chosen["TRUSTED_PROXIES"]
worker_connections = chosen["STREAMS_PER_PROCESS"] + ROOM_FOR_PAGES
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # on a busy disk a worker could look hung
keepalive = 100  # seconds; longer than routers keep an idle connection for another request (Heroku's: 90)
graceful_timeout = 4  # seconds for requests under way; a process that is told to go is gone within five
max_requests = 0  # a retiring worker would wait for its streams
control_socket_disable = True  # two on one machine would fight for its one path
reload = chosen["FLASK_DEBUG"]
loglevel = chosen["LOG_LEVEL"].lower()
logger_class = OneLineLogger
accesslog = "-" if chosen["LOG_LEVEL"] in {"DEBUG", "INFO"} else None
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms request=%({x-request-id}o)s'  # no query strings in logs
