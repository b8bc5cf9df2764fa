"""The host names that the app answers to, and the headers that it believes about them."""

import pytest
from flask import Flask, request

from chatapp import trust_proxies


@pytest.fixture
def named(app, monkeypatch):
    """An app that knows its own host names."""
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["chat.example.com"])


def test_a_proxy_header_that_names_another_host_is_not_believed():
    app = Flask(__name__)
    app.config["TRUSTED_PROXIES"] = 1
    app.add_url_rule("/", view_func=lambda: request.host)
    trust_proxies(app)
    answer = app.test_client().get("/", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.text == "localhost"


def test_a_request_for_another_host_gets_a_refusal_that_does_not_repeat_it(anonymous, named):
    assert anonymous.get("/login", base_url="http://chat.example.com").status_code == 200
    refused = anonymous.get("/login", base_url="http://evil.example")
    assert refused.status_code == 400
    assert "evil.example" not in refused.text
    assert "TRUSTED_HOSTS" in refused.text
