import html

import pytest

from chatapp.extensions import db
from tests.browserless import parse
from tests.middleboxes.boxes import Box
from tests.middleboxes.test_middleboxes import LIGHTTPD_CURE, VARNISH_CURE


def test_the_page_is_for_who_is_logged_in(alice, anonymous):
    assert alice.get("/connection").status_code == 200
    assert anonymous.get("/connection").location == "/login?next=/connection"


@pytest.mark.parametrize("host", ["<script>alert(1)</script>", '"><script>x', "a'b"])
def test_a_host_that_is_none_is_no_way_into_the_page(alice, host):
    answer = alice.get("/connection", headers={"Host": host})
    assert "<script>alert" not in answer.text and "<script>x" not in answer.text


def test_the_probe_sends_an_event_a_second(alice):
    answer = alice.get("/connection/probe?seconds=1")
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert [(event.id, event.data.isdigit()) for event in parse([answer.text])] == [("1", True)]


def test_the_probe_keeps_no_database_connection(alice):
    answer = alice.get("/connection/probe?seconds=999999", buffered=False)
    chunks = answer.iter_encoded()
    assert next(chunks).startswith(b"id: 1\n")
    assert db.engine.pool.checkedout() <= 1  # that of the test
    answer.close()


@pytest.mark.parametrize("query", ["seconds=abc&silence=x", "seconds=-5", "seconds=1&silence=-1"])
def test_what_is_no_number_of_seconds_is_no_error(alice, query):
    answer = alice.get(f"/connection/probe?{query}", buffered=False)
    assert answer.status_code == 200
    answer.close()


def test_the_probe_is_for_who_is_logged_in(anonymous):
    assert anonymous.get("/connection/probe").location == "/login?next=/connection/probe"


def test_the_probe_is_no_way_to_keep_a_server_busy(alice):
    answers = [alice.get("/connection/probe", buffered=False) for _ in range(21)]
    assert {answer.status_code for answer in answers[:20]} == {200} and answers[20].status_code == 429
    for answer in answers:
        answer.close()


def test_each_proxy_that_was_tried_has_its_cure_on_the_page(alice):
    page = " ".join(html.unescape(alice.get("/connection").text).split())
    for box in Box.__subclasses__():
        assert f"<summary>{box.__name__}".lower() in page.lower()
    for cure in ("flush_interval -1", LIGHTTPD_CURE, VARNISH_CURE["recv"]):
        assert " ".join(cure.split()) in page
