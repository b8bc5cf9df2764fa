"""Groups of messages and the lines between days: they follow from the shown messages, however these arrived."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from .pages import PATIENCE, choose, compare_with_fresh, delete, message, open_chat, say, scroll_up, sees

LINES = """() => [...document.querySelectorAll(".day, .messages article, .outbox article")].map((element) => {
  if (element.matches(".day")) return element.textContent
  const joined = element.previousElementSibling?.matches(".joint")
  return (joined ? "+ " : "") + element.querySelector(".message__body").textContent.trim()
})"""


@pytest.fixture
def noon() -> datetime:
    """Of the present day, in UTC."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def write(site, chat, noon):
    """``write(alice, "Hello", days=-1, minutes=3)``: a message of yesterday, three minutes past noon in UTC."""
    engine = create_engine(site.environ["DATABASE_URL"])

    def write(author, words: str, days: int = 0, minutes: int = 0) -> None:
        id = int(re.search(r'id="message_(\d+)"', author.send(chat, words).text)[1])
        at = noon + timedelta(days=days, minutes=minutes)
        with engine.begin() as connection:
            query = text("UPDATE messages SET created_at = :at, revision = revision + 1 WHERE id = :id")
            connection.execute(query, {"at": at.strftime("%Y-%m-%d %H:%M:%S.000000"), "id": id})

    yield write
    engine.dispose()


def lines(page: Page) -> list[str]:
    return page.evaluate(LINES)


def test_messages_of_one_person_within_five_minutes_are_one_group(alice, bob, chat, write):
    for author, words, minutes in [(alice, "a", 0), (alice, "b", 4), (alice, "c", 9), (alice, "d", 15), (bob, "e", 16)]:
        write(author, words, days=-3, minutes=minutes)
    page = alice.tab(chat)
    assert lines(page)[1:] == ["a", "+ b", "+ c", "d", "e"]
    expect(message(page, "a").locator("time")).to_be_visible()
    assert message(page, "b").locator(".message__meta").bounding_box()["height"] <= 1
    expect(message(bob.tab(chat), "b").locator(".avatar")).to_be_hidden()


def test_a_line_with_the_date_stands_between_two_days(alice, chat, write, noon):
    write(alice, "long ago", days=-800)
    write(alice, "yesterday", days=-1)
    write(alice, "today")
    page = alice.tab(chat)
    first, *rest = lines(page)
    assert str((noon - timedelta(days=800)).year) in first
    assert rest == ["long ago", "Yesterday", "yesterday", "Today", "today"]
    expect(page.get_by_role("heading", name="Yesterday")).to_be_visible()


@pytest.mark.parametrize(
    ("zone", "begins"),
    [("Etc/GMT+12", ["a", "b"]), ("UTC", ["a"]), ("Etc/GMT-14", ["a", "b"])],  # 12 hours behind, 14 ahead
)
def test_the_days_are_those_of_the_readers_time_zone(person, alice, chat, write, zone, begins):
    carol = person("Carol", timezone_id=zone)
    alice.add(carol, chat)
    write(alice, "a", days=-5, minutes=-180)  # 09:00 in UTC: 21:00 the day before, and 23:00
    write(alice, "b", days=-5, minutes=1)  # 12:01: 00:01, and 02:01 the day after
    shown = lines(carol.tab(chat))
    assert [after for line, after in pairwise(shown) if "day, " in line] == begins


def test_a_new_message_joins_the_group_and_so_does_the_next(alice, bob, chat, write):
    page = alice.tab(chat)
    for words in ("one", "two"):
        say(page, words)
        sees(page, words)
    bob.send(chat, "three")
    sees(page, "three")
    assert lines(page) == ["Today", "one", "+ two", "three"]
    compare_lines_with_fresh(page, chat)


def test_what_is_deleted_leaves_neither_a_gap_nor_a_line_behind(alice, bob, chat, write):
    write(alice, "before", days=-2)
    write(bob, "between", days=-1)
    write(alice, "first")
    write(bob, "second")
    write(alice, "third")
    page = alice.tab(chat)
    bob_page = bob.tab(chat)
    for words in ("between", "second"):
        delete(bob_page, words)
        sees(bob_page, words, times=0)
    for tab in (page, bob_page):
        sees(tab, "second", times=0)
        sees(tab, "between", times=0)
        assert lines(tab)[1:] == ["before", "Today", "first", "+ third"]
        compare_lines_with_fresh(tab, chat)
    delete(page, "first")
    sees(page, "first", times=0)
    delete(page, "third")
    sees(page, "third", times=0)
    assert lines(page)[1:] == ["before"]


def test_an_edited_message_stays_in_its_group_and_says_so(alice, chat):
    page = alice.tab(chat)
    for words in ("one", "two"):
        say(page, words)
        sees(page, words)
    choose(page, "two", "Edit")
    box = page.get_by_role("textbox", name="Message")
    expect(box).to_have_value("two", timeout=PATIENCE)
    box.fill("too")
    box.press("Enter")
    sees(page, "too")
    assert lines(page) == ["Today", "one", "+ too"]
    expect(message(page, "too").get_by_text("edited")).to_be_visible()


def test_groups_and_days_stay_right_where_history_is_put_on_top(alice, chat, write):
    for n in range(60):
        write(alice, f"Line {n}", days=-1 if n < 5 else 0)
    page = alice.tab(chat)
    assert lines(page)[:2] == ["Today", "Line 10"]
    scroll_up(page)
    shown = lines(page)
    assert shown[:2] == ["Yesterday", "Line 0"]
    assert shown[5:9] == ["+ Line 4", "Today", "Line 5", "+ Line 6"]
    assert len([line for line in shown if not line.startswith("+")]) == 4


def test_history_that_comes_leaves_what_one_reads_in_its_place(alice, chat, write):
    for n in range(60):
        write(alice, f"Line {n}", days=-1 if n % 2 else 0)
    page = alice.tab(chat)
    place = "(article) => article.getBoundingClientRect().top"
    target = message(page, "Line 30")  # too far from the top for history to come by itself
    target.evaluate("(article) => article.scrollIntoView()")
    before = target.evaluate(place)
    page.locator(".messages__older").evaluate("(frame) => (frame.loading = 'eager')")
    sees(page, "Line 0")
    assert target.evaluate(place) == pytest.approx(before, abs=1)


def test_midnight_makes_yesterday_of_today(person):
    carol = person("Carol")  # a clock is for all tabs of a browser
    chat = carol.start_chat(title="Night")
    sent_at = re.search(r'<time[^>]* datetime="([^"]+)"', carol.send(chat, "late").text)[1]
    page = carol.context.new_page()
    page.clock.install(time=sent_at)  # or a test that runs at midnight would open on the next day
    open_chat(page, chat)
    assert lines(page) == ["Today", "late"]
    page.clock.fast_forward("24:00:00")
    expect(page.get_by_role("heading", name="Yesterday")).to_be_visible()
    assert lines(page) == ["Yesterday", "late"]


def test_the_servers_groups_are_the_pages_groups(browser, alice, bob, chat, write):
    for author, words, minutes in [(alice, "a", 0), (alice, "b", 5), (alice, "c", 11), (bob, "d", 12), (bob, "e", 12)]:
        write(author, words, days=-1, minutes=minutes)
    live = lines(alice.tab(chat))
    scriptless = alice.new_context(browser, java_script_enabled=False)
    page = scriptless.new_page()
    page.goto(f"/chats/{chat}")
    joints = page.locator(".joint + .message .message__body").all_text_contents()
    scriptless.close()
    assert joints == [line.removeprefix("+ ") for line in live if line.startswith("+ ")] == ["b", "e"]


def compare_lines_with_fresh(page: Page, chat: int) -> None:
    compare_with_fresh(page, chat)
    fresh = open_chat(page.context.new_page(), chat)
    assert lines(page) == lines(fresh)
    fresh.close()
