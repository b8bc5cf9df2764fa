"""The page of administrators about the last hour."""

import html
import re

import pytest

from chatapp.extensions import metrics
from chatapp.models.vitals import STEP, Vitals, point


@pytest.fixture
def noted(app):
    """``noted(20, 5)``: points were noted all the time between these minutes before now, of a place with 12 pages."""

    def note(since: float, until: float = 0, **changes) -> None:
        history = Vitals().history
        ends = history.now() - 60 * until
        for number in range(int(60 * (since - until) // STEP), -1, -1):
            shown = point({}) | {"streams": 12, "database_up": 1, "processes": {"web": 1, "replies": 1, "jobs": 1}}
            history.note(shown | {"at": ends - number * STEP} | changes)

    return note


def words(answer) -> str:
    assert answer.status_code == 200
    return html.unescape(re.sub(r"<[^>]+>", "", answer.text))


def test_only_administrators_see_the_vitals(alice, removed, anonymous, noted):
    noted(10)
    for visitor in (alice, removed):
        answer = visitor.get("/vitals")
        assert answer.status_code == 404 and "Open pages" not in answer.text
    assert anonymous.get("/vitals").location.startswith("/login")


def test_the_links_to_them_are_for_administrators(alice, admin):
    for page in ("/profile", "/"):
        assert 'href="/vitals"' in admin.get(page).text
        assert 'href="/vitals"' not in alice.get(page).text


def test_right_after_the_start_there_is_nothing_yet(admin):
    page = admin.get("/vitals")
    assert "Nothing yet" in words(page) and "<figure" not in page.text


def test_the_plots_say_in_words_what_they_show(admin, noted):
    noted(20)
    page = admin.get("/vitals")
    assert "All is well." in words(page)
    assert page.text.count("<figure") == page.text.count('role="img"') == 10
    assert 'aria-label="Open pages in the last hour. 12 now, 12 at most."' in page.text
    assert "<details" in page.text and "vitals__gap" not in page.text


def test_where_the_place_was_down_the_plots_are_shaded(admin, noted):
    noted(40, until=30)
    noted(20)
    page = admin.get("/vitals")
    assert page.text.count("vitals__gap") == 10
    assert "the server or its Redis was away" in words(page)


def test_what_is_wrong_stands_above_the_plots(admin, noted):
    noted(10, oldest={"default": 190.0, "replies": 0.0}, processes={"web": 1, "replies": 1})
    page = words(admin.get("/vitals"))
    assert "Jobs wait for 3 minutes: is the worker running?" in page
    assert "All is well." not in page


def test_without_redis_the_page_says_so(admin, dead_redis):
    assert "Redis does not answer" in words(admin.get("/vitals"))


def test_the_page_shows_what_processes_have_told(admin):
    metrics.report()
    Vitals().note()
    assert "1 web, 0 for replies, 0 for other jobs" in words(admin.get("/vitals"))
