"""The client that strangers may send somewhere: real sockets, and name servers that lie."""

import gzip
import itertools
import ssl

import pytest
import trustme

from chatapp.lib import safe_client
from chatapp.lib.safe_client import SafeClient, Unreachable, Unsafe
from tests.linked_site import LinkedSite, Page

MOST = 100_000


@pytest.fixture
def site():
    with LinkedSite() as site:
        yield site


def client_of(site: LinkedSite, *answers: list[str], seconds: float = 60) -> SafeClient:
    """Names have the addresses of ``answers``, one after the other."""
    given = itertools.chain(answers, itertools.repeat(["127.0.0.1"])) if answers else itertools.repeat(["127.0.0.1"])
    client = SafeClient("Tests", seconds, MOST, resolve=lambda *_: next(given))
    client.open_to.add(site.place)
    return client


def redirect(to: str) -> Page:
    return Page(status=302, headers={"Location": to})


def test_it_brings_the_answer_and_says_where_it_came_from(site):
    site.pages["/a"] = redirect("/b?c=d")
    site.pages["/b?c=d"] = Page("Hello")
    answer = client_of(site).get(site.url("/a", "www.example"), accept="text/html")
    assert (answer.status, answer.content, answer.url.path) == (200, b"Hello", "/b")
    assert answer.content_type == "text/html; charset=utf-8"
    headers = site.asked[0][1]
    assert headers["Host"] == f"www.example:{site.place[1]}" and headers["Accept"] == "text/html"
    assert "Cookie" not in headers and headers["User-Agent"] == "Tests"


@pytest.mark.parametrize(("name", "trusted"), [("www.example", True), ("other.example", False)])
def test_a_server_needs_the_certificate_for_its_name_and_not_for_its_address(monkeypatch, name, trusted):
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("www.example").configure_cert(tls)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr(safe_client, "certificates", lambda: trusting)
    with LinkedSite(tls) as site:
        site.pages["/"] = Page("Hello")
        if trusted:
            assert client_of(site).get(site.url("/", name)).content == b"Hello"
        else:
            with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
                client_of(site).get(site.url("/", name))


@pytest.mark.parametrize(
    "answers", [["10.0.0.1"], ["1.1.1.1", "::1"], ["1.1.1.1", "169.254.169.254"], ["64:ff9b::7f00:1"], ["192.0.0.8"]]
)
def test_one_closed_address_among_those_of_a_name_closes_it(site, answers):
    with pytest.raises(Unsafe):
        client_of(site, answers).get("http://www.example/")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0177.0.0.1", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"]
)
def test_the_machine_itself_is_closed_however_it_is_written(site, monkeypatch, host):
    monkeypatch.setattr(safe_client, "PORTS", {site.place[1]})
    with pytest.raises((Unsafe, Unreachable)):  # not every form is an address for every system
        SafeClient("Tests", 5, MOST).get(site.url("/", host))
    assert site.asked == []


def test_other_ports_are_closed(site):
    client = client_of(site, ["1.1.1.1"])
    with pytest.raises(Unsafe, match="port 22"):
        client.get("http://www.example:22/")


def test_it_connects_to_the_address_that_it_has_checked_and_asks_no_second_time(site):
    """A name server that answers with a good address first and with a bad one then has won nothing."""
    asked = []

    def resolve(host, port, seconds):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    client = client_of(site)
    client.resolve = resolve
    site.pages["/"] = Page("Hello")
    assert client.get(site.url("/", "rebinding.example")).content == b"Hello"
    assert asked == ["rebinding.example"]
    with pytest.raises(Unsafe):
        client.get(site.url("/", "rebinding.example"))


def test_a_name_that_leads_inside_the_second_time_ends_a_redirect_to_itself(site):
    site.pages["/a"] = redirect("/b")
    with pytest.raises(Unsafe):
        client_of(site, ["127.0.0.1"], ["10.0.0.1"]).get(site.url("/a", "www.example"))
    assert [path for path, _ in site.asked] == ["/a"]


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:6379/",
        "//localhost/",
        "file:///etc/passwd",
        "gopher://x/",
        "http://a:b@c/",
    ],
)
def test_a_redirect_does_not_lead_inside(site, to):
    site.pages["/"] = redirect(to)
    with pytest.raises(Unsafe):
        client_of(site).get(site.url("/", "www.example"))


@pytest.mark.parametrize(("hops", "arrives"), [(3, True), (4, False)])
def test_it_follows_three_redirects(site, hops, arrives):
    for hop in range(hops):
        site.pages[f"/{hop}"] = redirect(f"/{hop + 1}")
    site.pages[f"/{hops}"] = Page("Hello")
    if arrives:
        assert client_of(site).get(site.url("/0")).content == b"Hello"
    else:
        with pytest.raises(Unsafe, match="redirects"):
            client_of(site).get(site.url("/0"))


def test_it_reads_the_beginning_of_a_huge_answer(site):
    site.pages["/"] = Page("x" * 50_000, again=True)
    assert len(client_of(site).get(site.url("/")).content) == MOST


def test_a_bomb_in_gzip_comes_out_cut(site):
    site.pages["/"] = Page(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
    assert client_of(site).get(site.url("/")).content == bytes(MOST)


def test_a_compressed_answer_is_read(site):
    site.pages["/"] = Page(gzip.compress(b"Hello"), headers={"Content-Encoding": "gzip"})
    assert client_of(site).get(site.url("/")).content == b"Hello"


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate"])
def test_what_it_did_not_ask_for_is_not_unpacked(site, encoding):
    site.pages["/"] = Page("x", headers={"Content-Encoding": encoding})
    with pytest.raises(Unsafe):
        client_of(site).get(site.url("/"))


def test_what_only_calls_itself_compressed_is_no_answer(site):
    site.pages["/"] = Page("Hello", headers={"Content-Encoding": "gzip"})
    with pytest.raises(Unreachable):
        client_of(site).get(site.url("/"))


@pytest.mark.parametrize("page", [Page("x", again=True, pause=0.01), Page("", again=True, pause=0.05)])
def test_an_answer_that_drips_ends_in_time(site, page):
    site.pages["/"] = page
    with pytest.raises(Unreachable):
        client_of(site, seconds=0.2).get(site.url("/"))


def test_nobody_there_is_said_as_such(site):
    site.__exit__()
    with pytest.raises(Unreachable):
        client_of(site).get(site.url("/"))


def test_the_next_address_is_tried_where_one_does_not_answer(site):
    site.pages["/"] = Page("Hello")
    client = client_of(site, ["127.0.0.2", "127.0.0.1"])
    client.open_to.add(("127.0.0.2", site.place[1]))
    assert client.get(site.url("/", "www.example")).content == b"Hello"


def test_a_proxy_of_the_environment_is_not_used(site, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.pages["/"] = Page("Hello")
    assert client_of(site).get(site.url("/")).content == b"Hello"
