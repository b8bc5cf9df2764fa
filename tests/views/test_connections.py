import re


def test_an_anonymous_visitor_is_asked_to_log_in(anonymous):
    answer = anonymous.get("/connection")
    assert (answer.status_code, answer.location) == (303, "/login?next=/connection")


def test_the_page_knows_where_the_probe_is_and_how_often_we_beat(alice, app):
    page = alice.get("/connection").text
    assert 'data-network-probe-url-value="/connection/probe"' in page
    assert f'data-network-probe-heartbeat-value="{app.config["HEARTBEAT_SECONDS"]}"' in page


def test_each_verdict_has_its_words(alice):
    kinds = re.findall(
        r'<template data-network-probe-target="words" data-kind="([^"]+)"', alice.get("/connection").text
    )
    assert {"streaming", "delayed", "delayed-one", "buffered", "cut-silence", "cut-total", "blocked"} <= set(kinds)


def test_every_proxy_has_its_lines(alice):
    page = alice.get("/connection").text
    for line in (
        "proxy_buffering off;",
        "option http-no-delay",
        "no-gzip",
        "adaptation_access",
        "{ -filter",
        "Kaspersky",
    ):
        assert line in page, line


def test_the_lines_name_the_site(alice):
    page = alice.get("/connection").text
    assert "acl plainwire dstdomain localhost\n" in page
    assert "http://localhost/connection/probe" in page


def test_without_scripts_there_is_a_line_for_curl(alice):
    page = alice.get("/connection").text
    assert "this page needs JavaScript" in page and "curl -N" in page


def test_your_devices_and_the_chat_lead_to_the_page(alice, chat):
    for path in ("/sessions", f"/chats/{chat.id}"):
        assert 'href="/connection"' in alice.get(path).text
