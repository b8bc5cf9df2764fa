"""Files of another release. A page may ask this release for them while one replaces the other."""

import gzip
from hashlib import sha256

import pytest

from chatapp.extensions import assets, shared_files
from chatapp.lib.assets import HASH_LENGTH
from chatapp.lib.shared_files import key

CONTENT = b"export default 'the next release'\n"
ADDRESS = f"/static/lib/of_another_release-{sha256(CONTENT).hexdigest()[:HASH_LENGTH]}.js"


@pytest.fixture
def put_there(app):
    def put(address: str, content: bytes) -> None:
        shared_files.redis.set(key(address), gzip.compress(content))

    return put


def test_a_file_of_another_release_is_served_as_one_of_this_one(anonymous, put_there):
    put_there(ADDRESS, CONTENT)
    for encoding in ("gzip", "identity"):
        answer = anonymous.get(ADDRESS, headers={"Accept-Encoding": encoding})
        assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
        assert (gzip.decompress(answer.data) if encoding == "gzip" else answer.data) == CONTENT
        assert answer.cache_control.immutable and answer.cache_control.max_age > 86400
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_nobody_knows_is_not_found_and_may_be_asked_for_again(anonymous, app):
    for address in (ADDRESS, "/static/none.css", "/static/../wsgi.py", "/static/%2e%2e/wsgi.py"):
        answer = anonymous.get(address)
        assert answer.status_code in (303, 404)
        assert answer.status_code == 303 or answer.cache_control.no_store


def test_what_does_not_have_the_hash_of_its_name_is_not_served(anonymous, put_there):
    put_there(ADDRESS, b"alert('whoever may write to Redis')")
    assert anonymous.get(ADDRESS).status_code == 404
    for broken in (b"not even gzip", gzip.compress(CONTENT)[:10] + b"\xff" * 20, gzip.compress(CONTENT)[:-4]):
        shared_files.redis.set(key(ADDRESS), broken)
        assert anonymous.get(ADDRESS).status_code == 404


def test_a_process_shares_its_files_before_it_sends_its_first_page(alice, monkeypatch):
    monkeypatch.setattr(shared_files, "due", 0.0)
    url = assets.url("application.js")
    assert alice.get("/", headers={"Accept": "*/*"}).status_code == 200  # like a health check
    assert shared_files.get(url) is None
    alice.get("/", headers={"Accept": "text/html"})
    shared = {url for url, _ in assets.contents() if shared_files.get(url)}
    assert url in shared and assets.url("application.css") in shared


def test_without_redis_pages_come_all_the_same(alice, dead_redis, monkeypatch):
    monkeypatch.setattr(shared_files, "due", 0.0)
    assert alice.get("/", headers={"Accept": "text/html"}).status_code == 200
    assert alice.get(ADDRESS).status_code == 404


def test_with_a_cdn_pages_name_it_and_allow_it_and_files_say_that_they_may_be_used(alice, put_there, monkeypatch):
    monkeypatch.setattr(assets, "host", "https://cdn.example.com")
    put_there(ADDRESS, CONTENT)
    page, file = alice.get("/"), alice.get(ADDRESS)
    for name in ("application.js", "application.css"):
        assert f'"https://cdn.example.com{assets.url(name)}"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self' https://cdn.example.com 'sha256-" in policy
    assert "style-src 'self' https://cdn.example.com 'nonce-" in policy
    assert policy.count("cdn.example.com") == 2
    assert file.headers["Access-Control-Allow-Origin"] == "*"


def test_what_is_shown_when_something_is_away_comes_from_this_server(anonymous, monkeypatch):
    monkeypatch.setattr(assets, "host", "https://cdn.example.com")
    page = anonymous.get("/offline")
    assert assets.url("application.css") in page.text and "cdn.example.com" not in page.text
