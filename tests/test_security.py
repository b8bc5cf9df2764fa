import re
from base64 import b64encode
from hashlib import sha256

import pytest
from werkzeug.routing import Rule

from tests.routes import address, unsafe

#: What anybody may ask for. Each of them is meant: this list is to be read before it grows.
PUBLIC = {
    "acceptances.new", "acceptances.create", "assets.show", "users.new", "users.create", "users.style", "sessions.new",
    "sessions.create", "sessions.destroy_current", "streams.index", "streams.show", "health.up", "health.ready",
    "health.metrics", "offline_pages.show", "place_pictures.show", "service_workers.show", "shared_answers.show",
}  # fmt: skip


@pytest.fixture
def rules(app) -> list[Rule]:
    return list(app.url_map.iter_rules())


# Rights


def test_only_these_views_are_public(app):
    assert {name for name, view in app.view_functions.items() if getattr(view, "public", False)} == PUBLIC


def test_every_other_page_sends_an_anonymous_visitor_to_the_log_in(rules, anonymous):
    for rule in rules:
        if "GET" in rule.methods and rule.endpoint not in PUBLIC:
            answer = anonymous.get(address(rule))
            assert (answer.status_code, answer.location.split("?")[0]) == (303, "/login"), rule


def test_what_does_not_exist_looks_the_same_to_an_anonymous_visitor(anonymous):
    for path in ("/chats/1", "/messages/1", "/no/such/page"):
        assert anonymous.get(path).location == f"/login?next={path}"


def test_every_request_that_changes_something_needs_a_token(app, alice):
    alice.log_in()
    tried = unsafe(app)
    assert len(tried) > 15
    for rule, method in tried:
        path = address(rule)
        assert alice.open(method, path).status_code == 400, (method, path)
        assert alice.open(method, path, headers={"X-CSRFToken": "wrong"}).status_code == 400, (method, path)


def test_no_page_changes_anything_when_it_is_only_looked_at(rules):
    assert [rule for rule in rules if "GET" in rule.methods and rule.endpoint.rpartition(".")[2] in
            {"create", "update", "destroy", "destroy_current"}] == []  # fmt: skip


def test_the_token_of_one_browser_is_nothing_in_another(alice, bob, chat):
    answer = alice.open("POST", f"/chats/{chat.id}/messages", data={"content": "Hi", "csrf_token": bob.token})
    assert answer.status_code == 400


# What a browser is told


@pytest.mark.parametrize(
    "path", ["/", "/login", "/signup", "/chats/new", "/no/such/page", "/up", "/chats/1/stream?wait=0"]
)
def test_every_answer_is_hardened(alice, path):
    headers = alice.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def policy(answer) -> dict[str, list[str]]:
    rules = (rule.split() for rule in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in rules}


def test_the_policy_allows_scripts_and_styles_from_here_only(alice):
    rules = policy(alice.get("/"))
    assert rules["default-src"] == ["'none'"]
    assert rules["frame-ancestors"] == rules["base-uri"] == ["'none'"]
    assert rules["connect-src"] == rules["form-action"] == ["'self'"]
    for sources in rules.values():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & set(sources)


def test_the_one_inline_script_is_allowed_by_its_hash(alice):
    answer = alice.get("/")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", answer.text, re.DOTALL)
    inline = [text for attributes, text in scripts if "src=" not in attributes]
    assert len(inline) == 1
    digest = b64encode(sha256(inline[0].encode()).digest()).decode()
    assert policy(answer)["script-src"] == ["'self'", f"'sha256-{digest}'"]


def test_a_nonce_is_good_for_one_page(alice):
    nonces = []
    for answer in (alice.get("/"), alice.get("/")):
        nonces.append(re.search(r'name="csp-nonce" content="([^"]+)"', answer.text)[1])
        assert f"'nonce-{nonces[-1]}'" in policy(answer)["style-src"]
    assert nonces[0] != nonces[1]


def test_what_only_a_log_in_shows_is_not_kept_by_a_browser(alice, chat):
    for path in ("/", f"/chats/{chat.id}", f"/chats/{chat.id}/messages?before=9", "/sessions", "/nowhere"):
        assert alice.get(path).headers["Cache-Control"] == "no-store"


def test_public_pages_belong_to_no_shared_cache(anonymous):
    for path in ("/login", "/signup"):
        assert anonymous.get(path).headers["Cache-Control"] == "private, no-cache"


def test_https_is_insisted_on_where_browsers_arrive_by_it(app, anonymous, monkeypatch):
    assert "Strict-Transport-Security" not in anonymous.get("/login").headers
    monkeypatch.setitem(app.config, "HTTPS", True)
    assert "max-age=31536000" in anonymous.get("/login").headers["Strict-Transport-Security"]


# Cookies


def cookie(answer) -> str:
    return next(value for name, value in answer.headers if name == "Set-Cookie" and value.startswith("plainwire="))


def test_the_cookie_is_for_this_site_only_and_not_for_scripts(anonymous):
    attributes = cookie(anonymous.get("/login"))
    assert "HttpOnly" in attributes and "SameSite=Lax" in attributes and "Domain" not in attributes
    assert "Secure" not in attributes


def test_the_cookie_is_never_sent_in_the_clear_where_there_is_https(app, anonymous, monkeypatch):
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
    assert "Secure" in cookie(anonymous.get("/login", base_url="https://localhost"))


def test_a_cookie_that_was_changed_is_nobody(client, alice):
    visitor = client(alice.user)
    value = visitor.http.get_cookie("plainwire").value
    visitor.http.set_cookie("plainwire", value[:-2] + ("AA" if value[-2:] != "AA" else "BB"))
    assert visitor.get("/").status_code == 303


# Addresses


@pytest.mark.parametrize("host", ["evil.example", "localhost:1", "evil.example@localhost"])
def test_no_answer_leads_to_the_host_that_a_request_named(anonymous, host):
    answer = anonymous.get("/", headers={"Host": host})
    assert answer.status_code in (303, 400)
    assert "evil" not in answer.headers.get("Location", "") and "evil" not in answer.text


def test_nobody_is_believed_who_claims_to_be_a_proxy(app, client, alice, monkeypatch):
    monkeypatch.setitem(app.config, "LOGIN_RATE", "1 per minute")
    codes = []
    for number in range(3):
        visitor = client()
        form = {"csrf_token": visitor.token, "email": "alice@example.com", "password": "guess"}
        headers = {"X-Forwarded-For": f"10.0.0.{number}"}
        codes.append(visitor.open("POST", "/login", data=form, headers=headers).status_code)
    assert codes == [422, 429, 429]


def test_a_request_id_is_given_back_only_where_it_is_harmless(anonymous):
    assert anonymous.get("/up", headers={"X-Request-Id": "abc-123"}).headers["X-Request-Id"] == "abc-123"
    for given in ("a b", "<script>", "x" * 101, ""):
        answer = anonymous.get("/up", headers={"X-Request-Id": given})
        assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])
