"""The web process. Imports chatapp/config/ as `config`: the package around it would come before gevent's patch."""

import gc
import importlib
import re
import runpy
import socket
import sys
import threading
from pathlib import Path

ROOM_FOR_PAGES = 500  # connections beside the streams; at the limit, pages hang without an error
SHUTDOWN_POLL = 0.1  # seconds

PACKAGE = Path(__file__).parent / "chatapp"
sys.path.insert(0, str(PACKAGE))
chosen = importlib.import_module("config").from_environment()
del sys.path[0]


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


def post_worker_init(worker):
    """A stopping worker waits for open requests, and no stream ends by itself. So end the streams as it begins to
    stop."""
    import gevent

    gc.freeze()  # these objects stay: a collector that looks through all of them would halt every page for a moment
    gevent.spawn(end_streams_on_shutdown, worker)
    if "wsgi" in sys.modules:  # missing when a reload met a syntax error
        from chatapp.authentication import show_setup_token
        from chatapp.jobs.vitals import keep_reporting

        gevent.spawn(show_setup_token, sys.modules["wsgi"].app)
        worker.reporting_ends = threading.Event()
        threading.Thread(target=keep_reporting, args=(worker.reporting_ends,), daemon=True).start()


def end_streams_on_shutdown(worker):
    import gevent

    while worker.alive:
        gevent.sleep(SHUTDOWN_POLL)
    gevent.spawn(close_idle_connections, worker)
    if "wsgi" in sys.modules:  # missing when a reload met a syntax error
        sys.modules["wsgi"].app.extensions["turbo"].hub.close()
        worker.reporting_ends.set()


def close_idle_connections(worker):
    import gevent

    while True:
        worker.close_idle()
        gevent.sleep(SHUTDOWN_POLL)


wsgi_app = "wsgi:app"
bind = address(chosen["BIND_HOST"], chosen["PORT"])
workers = chosen["WEB_CONCURRENCY"]
web_worker = runpy.run_path(str(PACKAGE / "lib" / "web_worker.py"))
worker_class = web_worker["WebWorker"]
worker_class.trusted_proxies = chosen["TRUSTED_PROXIES"]
worker_class.hands_over = chosen["STREAMS_ON_SOCKETS"]
worker_class.crowd = re.compile(rb"GET (/chats/[0-9]+)?/stream[? ]")  # after a deploy all pages come for their streams
worker_connections = chosen["STREAMS_PER_PROCESS"] + ROOM_FOR_PAGES  # streams on sockets are not among them
backlog = 16_384  # waiting connections, or as many as the system allows; a refused one is only tried again later
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # on a busy disk a worker could look hung
keepalive = 100  # seconds; longer than routers keep an idle connection for another request (Heroku's: 90)
graceful_timeout = 4  # seconds for requests under way; a process that is told to go is gone within five
max_requests = 0  # a retiring worker would wait for its streams
control_socket_disable = True  # two on one machine would want the same path
reload = chosen["FLASK_DEBUG"]
loglevel = chosen["LOG_LEVEL"].lower()
logger_class = web_worker["AccessLogger"]
accesslog = "-" if chosen["LOG_LEVEL"] in {"DEBUG", "INFO"} else None
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms request=%({x-request-id}o)s'  # no query strings in logs
