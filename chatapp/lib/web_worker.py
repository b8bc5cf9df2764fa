"""gunicorn's gevent worker, with limits on what a client may leave unfinished.

gunicorn waits for the rest of a request for as long as the client likes, and each such client takes one of the
connections of a process. Here each phase of a connection has a time limit, and each address a limit on unfinished
requests. A connection over a limit closes as if its client had gone: the app reads the end of the body.

The answer to a request may also take the socket along, and go on without a greenlet (chatapp/turbo/sockets.py).

Loaded by path, before gevent has patched the process: see gunicorn.conf.py.
"""

import runpy
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import gevent
from gevent.server import StreamServer
from gunicorn.workers import ggevent

parts = {}
for name in ("handed_over", "turnstile", "web_clients"):
    parts |= runpy.run_path(str(Path(__file__).with_name(f"{name}.py")))
AccessLogger, Client, Turnstile, Waiting = (parts[name] for name in ("AccessLogger", "Client", "Turnstile", "Waiting"))
network = parts["network"]

#: Seconds in which a new connection may still send a request when the process ends.
NEW = 2.0
#: Connections that a process takes at once while a crowd comes.
OF_A_CROWD = 100


class Server(StreamServer):
    """Takes connections from the system's queue, in which a request for a page may stand behind a crowd.

    With several processes, gunicorn has each take one for each turn of its event loop, so that an idle process gets the
    next. A process that lets a crowd in has long turns, so here it takes many.
    """

    def __init__(self, turnstile: Turnstile, *arguments, **options):
        self._turnstile, self._usual = turnstile, StreamServer.max_accept
        super().__init__(*arguments, **options)

    @property
    def max_accept(self) -> int:
        """Connections for this turn."""
        return OF_A_CROWD if len(self._turnstile) else self._usual

    @max_accept.setter
    def max_accept(self, number: int) -> None:
        self._usual = number

    def do_read(self):
        """Called by gevent for each, until it returns None or it was called ``max_accept`` times."""
        taken = super().do_read()
        self._turnstile.more_come = taken is not None
        return taken


class WebWorker(ggevent.GeventWorker):
    """Before it starts, set ``trusted_proxies``, the number of proxies in front, and ``hands_over``, whether an answer
    may take its socket along.

    Requests whose first bytes match ``crowd`` may come by the thousand. They go through a turnstile.
    """

    trusted_proxies, hands_over, crowd = 0, True, None
    told_to_go_at = None  # on time.monotonic()'s clock

    def init_process(self):
        """Called by gunicorn, in the new process."""
        most = self.worker_connections // 2  # a crowd behind one address may come back at once
        self.waiting = Waiting(most, None if self.trusted_proxies else most)
        self.open_answers = set()  # of HandedOver
        self.turnstile = Turnstile()
        # Each request looks up forty settings, and gunicorn finds each by three calls.
        vars(self.cfg).update((name, setting.get()) for name, setting in self.cfg.settings.items())
        super().init_process()

    def run(self):
        """Serve until the process is told to go, and then until all answers are over, or ``graceful_timeout``."""
        ggevent.StreamServer = partial(Server, self.turnstile)
        super().run()
        began = self.told_to_go_at or time.monotonic()
        while self.open_answers and time.monotonic() < began + self.cfg.graceful_timeout:
            self.notify()
            gevent.sleep(0.05)

    def timeout_ctx(self):
        """No limit here: gunicorn's covers waiting and reading together, and ``Client`` has one for each."""
        return nullcontext()

    def handle(self, listener, client, addr):
        """Serve one connection."""
        client = Client(client, network(addr[0]), self.waiting, self.cfg.keepalive, self.begins)
        if not self.cfg.is_ssl:
            client.read_ahead()  # gunicorn's work on a connection can wait until its crowd is let in
        super().handle(listener, client, addr)

    def begins(self, data: bytes) -> None:
        """Called with the first bytes of each request."""
        if self.crowd is not None and self.crowd.match(data):
            self.turnstile.enter()

    def handle_request(self, listener_name, req, sock, addr):
        """Serve one request of a connection."""
        sock.expect_body(network(self.sender(req, addr[0])))
        sock.answer(req, self.open_answers if self.hands_over and not self.cfg.is_ssl else None)
        try:
            return super().handle_request(listener_name, req, sock, addr)
        finally:
            sock.answer(None, None)
            sock.served += 1
            if is_read(req.body):  # otherwise the next bytes still belong to the body, and to its time limit
                sock.expect_request()

    def sender(self, req, peer: str) -> str:
        """The address that sent the request, as the outermost trusted proxy saw it."""
        entries = [value for name, value in req.headers if name == "X-FORWARDED-FOR"]
        entries = [entry.strip() for entry in ",".join(entries).split(",")]
        hops = self.trusted_proxies
        return entries[-hops] if hops and len(entries) >= hops else peer

    def close_idle(self) -> None:
        """Close the connections that only wait for another request, because a process that ends takes no more.

        A new connection, or one on which bytes have arrived, gets a moment.
        """
        self.told_to_go_at = self.told_to_go_at or time.monotonic()
        for client in self.waiting:
            fresh = not client.served and time.monotonic() - client.since < NEW
            if client.phase == "idle" and not fresh and not client.has_news:
                client.shut()


def is_read(body) -> bool:
    """True when all of a request's body has arrived."""
    reader = body.reader
    return not (getattr(reader, "length", 0) or getattr(reader, "parser", None))
