"""A proxy of ours between page and server, which does what bad networks do, on command.

    with Proxy(web.url) as proxy:
        proxy.faults.cut_at = 300
        httpx.get(f"{proxy.url}/up")

`Proxy.faults` is for all requests, and may be changed while answers are under way. A request can ask for its own with
the header `X-Proxy-Fault: status=502; delay=0.1`, which is added to them.

A page survives all of it by itself. Bytes that come late, in pieces, not at all, or only when the answer ends; an
answer that breaks off anywhere; a foreign answer; a repeated event: it catches up from what it shows, and knows what it
has seen. An event left out of, or moved within, an answer that goes on, `drop` and `reorder`: each change says which
revision it follows, and each heartbeat which one was sent last, so the page sees that something is missing and catches
up too. While such a fault lasts a page may come back again and again; it is right soon after.
"""

import re
import select
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, fields
from itertools import count
from urllib.parse import urlsplit

PIECE = 65536  # bytes
HTML = b"<!doctype html><title>Sorry</title><p>The network has something to say to you.</p>"


@dataclass
class Faults:
    """What goes wrong. ``streams_only`` leaves everything but event streams alone, and what is sent."""

    streams_only: bool = False
    # the request
    status: int = 0  # answer with this and a page of HTML, and do not ask the server
    refuse_upgrade: bool = False  # 400 to every request for another protocol
    drop_last_event_id: bool = False
    lose_answers: bool = False  # what is sent arrives, and the connection breaks before the answer
    # the answer, in bytes
    black_hole: bool = False  # nothing comes, and nothing ends
    cut_at: int = 0  # bytes of body after which the connection breaks
    delay: float = 0.0  # seconds for each piece
    split: bool = False  # one byte at a time
    hold_until_end: bool = False
    # the answer, in events
    hold_one_back: bool = False  # each event comes with the next one
    duplicate: bool = False
    drop: bool = False  # every second change that comes this way, the first of them to begin with
    reorder: bool = False  # neighbouring changes change places

    def clear(self) -> None:
        """Everything works again, for new requests."""
        for field in fields(self):
            setattr(self, field.name, field.default)

    def plus(self, text: str) -> "Faults":
        """These and those in a header: ``status=502; split``."""
        chosen = {f.name: getattr(self, f.name) for f in fields(self)}
        for word in filter(None, (word.strip() for word in text.split(";"))):
            name, _, value = word.partition("=")
            chosen[name] = type(chosen[name])(float(value)) if value else True
        return Faults(**chosen)


class Proxy:
    """A context manager. Each connection carries one request, in a thread of its own."""

    def __init__(self, target: str):
        self.target = (urlsplit(target).hostname, urlsplit(target).port)
        self.faults = Faults()
        self.requests = 0
        self._changes = count()  # those that came while `drop` was on
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> "Proxy":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut_all()

    def cut_all(self) -> None:
        """Break every connection, now."""
        for connection in list(self._open):
            shut(connection)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.add(client)
        self.requests += 1
        try:
            with client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if request := Request.read(client):
                    Exchange(client, request, self.faults, self.target, self._changes).run()
        except OSError:
            pass  # one side is gone
        finally:
            self._open.discard(client)


@dataclass
class Request:
    head: bytes
    body: bytes

    @classmethod
    def read(cls, client: socket.socket) -> "Request | None":
        data = b""
        while b"\r\n\r\n" not in data:
            if not (piece := client.recv(PIECE)):
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        request = cls(head, body)
        while len(request.body) < int(request.header(b"Content-Length") or 0):
            request.body += client.recv(PIECE)
        return request

    @property
    def is_stream(self) -> bool:
        return b"/stream" in self.head.partition(b"\r\n")[0]

    @property
    def is_sending(self) -> bool:
        return self.head.startswith(b"POST ")

    def header(self, name: bytes) -> bytes | None:
        found = re.search(rb"\r\n" + name + rb":[ \t]*([^\r\n]*)", self.head, re.IGNORECASE)
        return found[1] if found else None

    def without(self, name: bytes) -> None:
        self.head = re.sub(rb"\r\n" + name + rb":[^\r\n]*", b"", self.head, flags=re.IGNORECASE)

    def encoded(self) -> bytes:
        """As HTTP/1.0, as many proxies ask: the answer comes without chunks, and ends with its connection."""
        for hop_by_hop in (b"Connection", b"Keep-Alive", b"X-Proxy-Fault"):
            self.without(hop_by_hop)
        head = self.head.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)
        return head + b"\r\nConnection: close\r\n\r\n" + self.body


class Exchange:
    """One request and its answer."""

    def __init__(
        self, client: socket.socket, request: Request, faults: Faults, target: tuple[str, int], changes: count
    ):
        self.client, self.request, self.target, self.changes = client, request, target, changes
        self._shared, self._own = faults, (request.header(b"X-Proxy-Fault") or b"").decode()
        self.sent = 0
        self.swallowed = False
        self.waiting = b""  # of an unfinished event
        self.held: list[bytes] = []  # events that come later
        self.in_head = True

    @property
    def faults(self) -> Faults:
        faults = self._shared.plus(self._own) if self._own else self._shared
        only_sending = faults.streams_only and not self.request.is_stream
        return Faults(lose_answers=faults.lose_answers) if only_sending else faults

    def run(self) -> None:
        faults = self.faults
        if faults.status:
            return self.refuse(faults.status)
        if faults.refuse_upgrade and self.request.header(b"Upgrade"):
            return self.refuse(400)
        if faults.drop_last_event_id:
            self.request.without(b"Last-Event-ID")
        with socket.create_connection(self.target, timeout=30) as server:
            server.sendall(self.request.encoded())
            if faults.lose_answers and self.request.is_sending:
                server.recv(1)
            else:
                self.pump(server)

    def refuse(self, status: int) -> None:
        line = f"HTTP/1.1 {status} Sorry\r\nContent-Type: text/html\r\nContent-Length: {len(HTML)}\r\nConnection: close"
        self.client.sendall(line.encode() + b"\r\n\r\n" + HTML)

    def pump(self, server: socket.socket) -> None:
        everything = b""
        while True:
            ready, _, _ = select.select([self.client, server], [], [], 60)
            if self.client in ready and not self.client.recv(PIECE):
                return
            if server not in ready:
                continue
            data = server.recv(PIECE)
            if self.faults.hold_until_end or everything:
                everything += data
            else:
                self.pass_on(data)
            if not data:
                break
        if everything:
            self.pass_on(everything)
        self.finish()

    def pass_on(self, data: bytes) -> None:
        if self.in_head:
            head, found, data = (self.waiting + data).partition(b"\r\n\r\n")
            if not found:
                self.waiting = head
                return
            self.in_head, self.waiting = False, b""
            self.send_head(head + found)
        for piece in self.events(data) if self.request.is_stream else [data]:
            self.send(piece)

    def send_head(self, head: bytes) -> None:
        if self.request.is_stream:
            head = re.sub(rb"\r\nConnection:[^\r\n]*", b"", head, flags=re.IGNORECASE)
            head = head[:-2] + b"Connection: close\r\n\r\n"
        if not self.into_black_hole():
            self.client.sendall(head)

    def events(self, data: bytes) -> list[bytes]:
        """What to send of ``data`` now; unfinished events pass too, where no fault needs whole ones."""
        f = self.faults
        if not (f.hold_one_back or f.duplicate or f.drop or f.reorder or self.waiting or self.held):
            return [data]
        *whole, self.waiting = (self.waiting + data).split(b"\n\n")
        return [piece for event in whole for piece in self.one_event(event + b"\n\n", f)]

    def one_event(self, event: bytes, f: Faults) -> list[bytes]:
        is_change = b"\ndata:" in event and b"event:" not in event
        if f.drop and is_change and next(self.changes) % 2 == 0:
            return []
        if (f.hold_one_back or f.reorder and is_change) and not self.held:
            self.held = [event]
            return []
        held, self.held = self.held, []
        if f.hold_one_back:
            self.held = [event]
            return held
        in_order = [event, *held] if f.reorder else [*held, event]
        return in_order + ([event] if f.duplicate else [])

    def send(self, data: bytes) -> None:
        f = self.faults
        if f.delay:
            time.sleep(f.delay)
        if self.into_black_hole():
            return
        if f.cut_at and self.sent + len(data) >= f.cut_at:
            self.client.sendall(data[: max(0, f.cut_at - self.sent)])
            shut(self.client)
            raise ConnectionAbortedError
        for piece in (data[i : i + 1] for i in range(len(data))) if f.split else [data]:
            self.client.sendall(piece)
        self.sent += len(data)

    def into_black_hole(self) -> bool:
        """Once in, there is no way out: what came after a gap would be taken for the whole."""
        self.swallowed = self.swallowed or self.faults.black_hole
        return self.swallowed

    def finish(self) -> None:
        if self.waiting and not self.in_head:
            self.send(self.waiting)
        for event in self.held:
            self.send(event)
        while self.swallowed and self.client.recv(PIECE):
            pass


def shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
