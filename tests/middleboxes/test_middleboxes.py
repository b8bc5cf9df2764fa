"""Two people in two browsers, with a real proxy between them and the server. `bin/test --middleboxes` runs this."""

import os
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page

from tests.servers import gunicorn
from tests.system.core import BUSY, LATEST, core_journey, delay, mode, the_assistant_answers
from tests.system.pages import PATIENCE, STREAMS, compare_with_fresh, open_chat
from tests.system.people import Person

from .boxes import Apache, Box, Caddy, Haproxy, Lighttpd, Nginx, Privoxy, Squid, Varnish, program

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not os.environ.get("MIDDLEBOXES"), reason="bin/test --middleboxes runs these"),
]

SLOW_HEARTBEAT = 5  # seconds
GZIP = "gzip on; gzip_min_length 0; gzip_proxied any; gzip_types text/css text/javascript text/event-stream;"

# As the page /connection advises.
LIGHTTPD_CURE = "server.stream-response-body = 2\nserver.max-read-idle = 60"
VARNISH_CURE = {
    "response": "set beresp.do_stream = false;",
    "recv": 'if (req.url ~ "/(stream|probe)(\\?|$)") { return (pipe); }',
}


@dataclass
class Case:
    box: type[Box]
    configuration: str
    mode: str
    options: dict[str, str] = field(default_factory=dict)
    heartbeat: int | None = None  # seconds, where not the site's
    cut: bool = False  # the box ends what is silent

    def __str__(self) -> str:
        return f"{self.box.package}: {self.configuration}"


CASES = [
    Case(Nginx, "default proxy_pass", "streaming"),
    Case(Nginx, "gzip on, for streams too", "streaming", {"http": GZIP}),
    Case(Nginx, "ignores X-Accel-Buffering", "long-poll", {"http": "proxy_ignore_headers X-Accel-Buffering;"}),
    Case(Haproxy, "idle timeout 3 s, heartbeat 1 s", "streaming", {"idle": "3s"}),
    Case(Haproxy, "option http-no-delay", "streaming", {"idle": "55s", "defaults": "option http-no-delay"}),
    Case(Haproxy, "idle timeout 2 s, heartbeat 5 s", "streaming", {"idle": "2s"}, SLOW_HEARTBEAT, cut=True),
    Case(Squid, "forward proxy", "streaming"),
    Case(Privoxy, "forward proxy", "streaming"),
    Case(Privoxy, "forward proxy with a filter", "long-poll", {"actions": "+filter{ours}"}),
    Case(Apache, "mod_proxy_http", "streaming"),
    Case(Apache, "mod_proxy_http, mod_deflate", "streaming", {"server": "SetOutputFilter DEFLATE"}),
    Case(Caddy, "reverse_proxy", "streaming"),
    Case(Caddy, "reverse_proxy, flush_interval -1", "streaming", {"proxy": "flush_interval -1"}),
    Case(Lighttpd, "mod_proxy", "long-poll"),
    Case(Lighttpd, "mod_proxy, server.stream-response-body = 2", "streaming", {"server": LIGHTTPD_CURE}),
    Case(Varnish, "pass", "streaming"),
    Case(Varnish, "do_stream off", "long-poll", {"response": "set beresp.do_stream = false;"}),
    Case(Varnish, "do_stream off, pipe for streams", "streaming", VARNISH_CURE),
]


@pytest.fixture(scope="session")
def slow_web(site):
    """The same site with few heartbeats."""
    with gunicorn(site.environ | {"HEARTBEAT_SECONDS": str(SLOW_HEARTBEAT)}) as web:
        yield web


@pytest.fixture
def found(case, row):
    """What was found out, for the table."""
    return row(case.box.package, case.configuration)


@pytest.fixture
def box(case, found, site, request):
    if program(case.box.package) is None:
        found.verdict = "not installed, so not tried"
        pytest.skip(f"{case.box.package} is not installed")
    web = request.getfixturevalue("slow_web") if case.heartbeat else site.web
    with case.box(web.url, **case.options) as box:
        box.web_url = web.url
        yield box


@pytest.fixture
def people(box, person):
    """Carol and Dan, who have no other way to the server."""
    if box.forward:
        proxy = {"server": box.url, "bypass": "<-loopback>"}
        return [person(name, box.web_url, proxy=proxy) for name in ("Carol", "Dan")]
    return [person(name, box.url) for name in ("Carol", "Dan")]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_journey_through(case, box, people, provider, found):
    carol, dan = people
    chat = carol.start_chat(title="Through the box", assistant="mentioned")
    carol.add(dan, chat)
    writer, reader = carol.tab(), dan.tab()
    asked = streams_asked_by(reader)
    for tab in (writer, reader):
        open_chat(tab, chat)
    findings = core_journey(writer, reader, chat)
    provider.will("Here I am.")
    the_assistant_answers(writer, reader)
    found.mode, found.usual, found.worst = findings.mode, milliseconds(findings.usual), milliseconds(findings.worst)
    assert mode(reader) == case.mode
    assert findings.usual < LATEST, findings
    if case.cut:
        the_page_comes_back_by_itself(writer, reader)
    elif case.mode == "streaming":
        assert len(asked) == 1, "the stream was cut"
    the_page_heals(box, carol, reader, chat)
    found.verdict = verdict(case)


def streams_asked_by(page: Page) -> list[str]:
    asked = []
    page.on("request", lambda request: asked.append(request.url) if STREAMS.search(request.url) else None)
    return asked


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def the_page_comes_back_by_itself(writer: Page, reader: Page) -> None:
    with reader.expect_request(STREAMS, timeout=PATIENCE):
        pass  # nobody says anything, so the box cuts
    assert delay(writer, reader, "After the cut") < LATEST + BUSY


def the_page_heals(box: Box, writer: Person, reader: Page, chat: int) -> None:
    """The box dies with all its connections, and comes back."""
    box.kill9()
    writer.send(chat, "While it was away")
    box.start()
    compare_with_fresh(reader, chat)


def verdict(case: Case) -> str:
    if case.cut:
        return "cuts what is silent; the page comes back by itself"
    return "streams" if case.mode == "streaming" else "holds streams back; answers that end pass"
