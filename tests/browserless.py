"""People without a browser: a cookie jar, the forms' tokens, and event streams, over real HTTP."""

import html
import re
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from tests.servers import wait_until

TURBO_STREAM = "text/vnd.turbo-stream.html"
PASSWORD = "correct horse battery"
#: A client reads the certificates of all authorities when it is made, which takes as long as some requests.
NO_CERTIFICATES = {"verify": False}


@dataclass(frozen=True)
class Event:
    """One Server-Sent Event."""

    data: str
    id: str | None = None
    name: str | None = None


class Person:
    """Somebody with an account. ``sign_up`` first."""

    def __init__(self, url: str, name: str):
        self.name = name
        self.email = f"{name.lower()}@example.com"
        self.http = httpx.Client(base_url=url, timeout=30, **NO_CERTIFICATES)
        self._fetching_token = threading.Lock()

    def __enter__(self) -> "Person":
        return self

    def __exit__(self, *_) -> None:
        self.http.close()

    def sign_up(self) -> "Person":
        self.submit("/signup", {"name": self.name, "email": self.email, "password": PASSWORD}, token_from="/signup")
        return self

    def log_in(self) -> "Person":
        self.submit("/login", {"email": self.email, "password": PASSWORD}, token_from="/login")
        return self

    def submit(self, path: str, form: dict, token_from: str = "/chats/new", **options) -> httpx.Response:
        """POST a form as a page without JavaScript does."""
        return self.http.post(path, data={"csrf_token": self.token(token_from), **form}, **options)

    def token(self, path: str) -> str:
        return html.unescape(re.search(r'name="csrf-token" content="([^"]+)"', self.http.get(path).text)[1])

    def turbo(self, method: str, path: str, form: dict | None = None) -> httpx.Response:
        """A request as Turbo makes it."""
        with self._fetching_token:  # the first page after a log-in makes the session's token, and must be alone
            if not hasattr(self, "_token"):
                self._token = self.token("/chats/new")
        headers = {"Accept": f"{TURBO_STREAM}, text/html", "X-CSRFToken": self._token}
        return self.http.request(method, path, data=form, headers=headers)

    def start_chat(self, **form) -> int:
        answer = self.submit("/chats", {"assistant": "never", **form})
        return int(answer.headers["Location"].rpartition("/")[2])

    def add(self, other: "Person", chat: int) -> None:
        answer = self.submit(f"/chats/{chat}/members", {"email": other.email})
        assert answer.status_code == 303, answer.text

    def send(self, chat: int, content: str, client_id: str | None = None) -> httpx.Response:
        form = {"content": content, "client_id": client_id or uuid.uuid4().hex}
        return self.turbo("POST", f"/chats/{chat}/messages", form)

    def revision(self, chat: int) -> int:
        """The cursor in the page."""
        return int(re.search(r"/stream\?revision=(\d+)", self.http.get(f"/chats/{chat}").text)[1])

    def stream(self, chat: int, revision: int | str, last_event_id: str | None = None, **query) -> "Reader":
        return Reader(self.http, chat, {"revision": revision, **query}, last_event_id)


class Reader:
    """Reads a stream in a thread, as it comes. A context manager."""

    def __init__(self, http: httpx.Client, chat: int, query: dict, last_event_id: str | None = None):
        self.events: list[Event] = []
        self.status: int | None = None
        self.headers: httpx.Headers | None = None
        self.ended = False
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        # A client of its own, so that it can be closed from here while the thread reads.
        timeout = httpx.Timeout(30, read=120)
        self._http = httpx.Client(base_url=http.base_url, cookies=http.cookies, timeout=timeout, **NO_CERTIFICATES)
        self._request = self._http.build_request("GET", f"/chats/{chat}/stream", params=query, headers=headers)
        self._response: httpx.Response | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Reader":
        self._thread.start()
        wait_until(lambda: self.status is not None or self.ended, what="the stream to answer")
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        if self._response is not None:
            self._response.extensions["network_stream"].close()
        self._thread.join(5)
        self._http.close()

    @property
    def changes(self) -> list[Event]:
        """What Turbo would hear: unnamed events with data."""
        return [event for event in self.events if event.data and event.name is None]

    @property
    def last_event_id(self) -> str | None:
        return next((event.id for event in reversed(self.events) if event.id is not None), None)

    def wait_for(self, text: str, timeout: float = 10) -> Event:
        """The first change that contains ``text``."""
        return wait_until(lambda: next((e for e in self.changes if text in e.data), None), timeout, f"{text!r}")

    def wait_for_beat(self) -> None:
        wait_until(lambda: any(event.name == "beat" for event in self.events), what="a heartbeat")

    def _read(self) -> None:
        try:
            self._response = self._http.send(self._request, stream=True)
            self.headers, self.status = self._response.headers, self._response.status_code
            for event in parse(self._response.iter_text()):
                self.events.append(event)
        except (httpx.HTTPError, httpx.StreamError, OSError, ValueError):
            pass  # cut off, here or there
        finally:
            self.ended = True


def parse(pieces: Iterator[str]) -> Iterator[Event]:
    """The events of a stream, by the rules of the HTML standard."""
    buffer = ""
    for piece in pieces:
        buffer += piece
        while "\n\n" in buffer:
            block, _, buffer = buffer.partition("\n\n")
            fields: dict[str, list[str]] = {}
            for line in re.split(r"\r\n|\r|\n", block):
                field, _, value = line.partition(":")
                fields.setdefault(field, []).append(value.removeprefix(" "))
            name, id = fields.get("event", [None])[-1], fields.get("id", [None])[-1]
            yield Event("\n".join(fields.get("data", [])), id, name)
