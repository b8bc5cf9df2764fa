"""What is written arrives: once, in order, and whatever happens on the way."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browserless import PASSWORD

from .pages import (
    PATIENCE,
    STREAMS,
    compare_with_fresh,
    composer,
    edit_last,
    expect_poll,
    message,
    messages,
    pending,
    say,
    sees,
    stream,
    texts,
    until_live,
)

POSTS = re.compile(r"/chats/\d+/messages$")
REFUSED = "A bell: \a"  # which only the server notices


@pytest.fixture
def tabs(alice, bob, chat):
    return alice.tab(chat), bob.tab(chat)


def test_twenty_messages_in_quick_succession_keep_their_order(tabs, chat):
    alice, bob = tabs
    lines = [f"Line {n}" for n in range(20)]
    for line in lines:
        say(alice, line)
    for tab in tabs:
        expect(messages(tab)).to_have_count(20, timeout=PATIENCE)
        assert texts(tab) == lines
        compare_with_fresh(tab, chat)


def test_two_people_who_write_at_once_see_the_same_order(tabs, chat):
    alice, bob = tabs
    for n in range(8):
        say(alice, f"Alice {n}")
        say(bob, f"Bob {n}")
    for tab in tabs:
        expect(messages(tab)).to_have_count(16, timeout=PATIENCE)
        compare_with_fresh(tab, chat)
    assert texts(alice) == texts(bob)


def test_ten_lost_answers_in_a_row_still_make_one_message(tabs):
    alice, bob = tabs
    lost = []

    def lose(route: Route) -> None:
        route.fetch()  # the server has it, and nobody learns of that
        lost.append(client_id(route))
        route.abort()

    alice.route(STREAMS, lambda route: route.abort())
    alice.route(POSTS, lose)
    go_online(alice)
    say(alice, "Once")
    while len(lost) < 10:
        known = len(lost)
        go_online(alice)  # nobody here wants to wait for the back-off
        expect_poll(alice, lambda known=known: len(lost) > known)
    sees(bob, "Once")
    expect(pending(alice)).to_have_count(1)
    alice.unroute_all(behavior="ignoreErrors")
    go_online(alice)
    for tab in tabs:
        sees(tab, "Once")
    expect(pending(alice)).to_have_count(0, timeout=PATIENCE)
    assert len(set(lost)) == 1


def client_id(route: Route) -> str:
    return re.search(r"name=\"client_id\"\s+(\S+)", route.request.post_data)[1]


def go_online(page: Page) -> None:
    """What a browser says when the network is back: a new stream, and everything that waits goes out now."""
    page.evaluate("dispatchEvent(new Event('online'))")


def test_what_could_not_be_sent_survives_a_reload_and_goes_out_in_order(tabs):
    alice, bob = tabs
    alice.route(POSTS, lambda route: route.abort())
    say(alice, "First")
    say(alice, "Second")
    expect(pending(alice)).to_have_count(2)
    alice.reload()
    expect(pending(alice)).to_have_count(2)
    expect(alice.get_by_text("Sending…")).to_be_visible()
    say(alice, "Third")
    alice.unroute_all()
    go_online(alice)
    for tab in tabs:
        expect(messages(tab)).to_have_count(3, timeout=PATIENCE)
        assert texts(tab) == ["First", "Second", "Third"]
    expect(pending(alice)).to_have_count(0)


def test_a_message_that_was_just_sent_survives_a_reload_in_the_same_moment(tabs):
    alice, bob = tabs
    for n in range(5):
        say(alice, f"Hasty {n}")
        alice.reload()
    for tab in tabs:
        expect(messages(tab)).to_have_count(5, timeout=PATIENCE)
        assert texts(tab) == [f"Hasty {n}" for n in range(5)]


def test_one_writes_on_while_offline(tabs, alice, chat):
    page, bob = tabs
    alice.context.set_offline(True)
    for n in range(3):
        say(page, f"From the tunnel {n}")
    expect(pending(page)).to_have_count(3)
    alice.context.set_offline(False)
    for tab in tabs:
        expect(messages(tab)).to_have_count(3, timeout=PATIENCE)
        assert texts(tab) == [f"From the tunnel {n}" for n in range(3)]
        compare_with_fresh(tab, chat)
    expect(pending(page)).to_have_count(0)


def test_a_busy_server_is_asked_again(tabs):
    alice, bob = tabs
    alice.route(POSTS, lambda route: route.fulfill(status=503, body="Busy"), times=1)
    say(alice, "Patience")
    say(alice, "Pays")
    for tab in tabs:
        expect(messages(tab)).to_have_count(2, timeout=PATIENCE)
        assert texts(tab) == ["Patience", "Pays"]


def test_a_refused_message_says_why_and_comes_back_to_be_changed(tabs):
    alice, _ = tabs
    say(alice, REFUSED)
    expect(pending(alice)).to_contain_text("control character", timeout=PATIENCE)
    pending(alice).get_by_role("button", name="Edit").click()
    expect(composer(alice)).to_have_value(REFUSED)
    expect(pending(alice)).to_have_count(0)
    say(alice, "Shorter")
    sees(alice, "Shorter")


def test_a_refused_message_can_be_dropped(tabs):
    alice, _ = tabs
    say(alice, REFUSED)
    pending(alice).get_by_role("button", name="Discard").click(timeout=PATIENCE)
    expect(pending(alice)).to_have_count(0)
    alice.reload()
    expect(pending(alice)).to_have_count(0)


def test_a_draft_survives_a_reload_and_a_walk_to_another_chat(alice, chat):
    other = alice.start_chat(title="Elsewhere")
    page = alice.tab(chat)
    composer(page).fill("Half a thou")
    page.reload()
    expect(composer(page)).to_have_value("Half a thou")
    page.locator(f".chats__link[href='/chats/{other}']").click()
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible(timeout=PATIENCE)
    expect(composer(page)).to_have_value("")
    page.go_back()
    expect(composer(page)).to_have_value("Half a thou", timeout=PATIENCE)


def test_a_session_that_ended_costs_no_word(person, bob, chat, alice):
    carol = person("Carol")
    alice.add(carol, chat)
    page, other = carol.tab(chat), bob.tab(chat)
    composer(page).fill("Sent in vain")
    carol.context.clear_cookies()
    composer(page).press("Enter")
    expect(page).to_have_url(re.compile(r"/login\?next="), timeout=PATIENCE)
    page.get_by_label("E-mail").fill(carol.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile(rf"/chats/{chat}$"), timeout=PATIENCE)
    until_live(page)
    for tab in (page, other):
        sees(tab, "Sent in vain")
    expect(pending(page)).to_have_count(0, timeout=PATIENCE)


def test_a_draft_waits_while_one_logs_in_again(person, alice, chat):
    carol = person("Carol")
    alice.add(carol, chat)
    page = carol.tab(chat)
    composer(page).fill("Not yet sent")
    carol.context.clear_cookies()
    go_online(page)
    expect(page).to_have_url(re.compile(r"/login\?next="), timeout=PATIENCE)
    page.get_by_label("E-mail").fill(carol.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(composer(page)).to_have_value("Not yet sent", timeout=PATIENCE)


def test_two_tabs_do_not_send_a_message_twice(alice, bob, chat):
    first, second, other = alice.tab(chat), alice.tab(chat), bob.tab(chat)
    posts = []
    alice.context.on("response", lambda answer: posts.append(answer.url) if answer.status == 201 else None)
    for tab in (first, second):
        tab.route(POSTS, lambda route: route.abort())
    say(first, "From the first")
    for tab in (first, second):
        expect(pending(tab)).to_have_count(1)
    for tab in (first, second):
        tab.unroute_all(behavior="ignoreErrors")
    for tab in (first, second):
        go_online(tab)
    for tab in (first, second, other):
        sees(tab, "From the first")
        expect(pending(tab)).to_have_count(0, timeout=PATIENCE)
    say(second, "From the second")
    for tab in (first, second, other):
        sees(tab, "From the second")
        assert texts(tab) == ["From the first", "From the second"]
    assert len(posts) <= 2


def test_a_change_that_could_not_be_saved_keeps_its_text(tabs):
    alice, bob = tabs
    say(alice, "Before")
    sees(bob, "Before")
    alice.route(re.compile(r"/messages/\d+$"), lambda route: route.abort())
    edit_last(alice, "After")
    expect(alice.get_by_text("Not saved")).to_be_visible(timeout=PATIENCE)
    expect(composer(alice)).to_have_value("After")
    alice.reload()
    expect(composer(alice)).to_have_value("After", timeout=PATIENCE)
    alice.unroute_all()
    composer(alice).press("Enter")
    for tab in tabs:
        sees(tab, "After")
    expect(composer(alice)).to_have_value("")


def test_a_message_of_which_only_the_stream_tells_is_shown_once(tabs):
    alice, bob = tabs
    slow = []
    alice.route(POSTS, lambda route: (route.fetch(), slow.append(route)))
    say(alice, "Overtaken")
    sees(alice, "Overtaken")  # the answer to the request is still on its way
    expect(pending(alice)).to_have_count(0, timeout=PATIENCE)
    assert stream(alice).count() == 1 and message(alice, "Overtaken").count() == 1


KEPT = "Object.keys(localStorage).filter((key) => /draft|change|outbox/.test(key))"


def test_who_logs_out_leaves_nothing_behind_and_is_asked_about_what_was_not_sent(person, alice, chat):
    dora = person("Dora")
    alice.add(dora, chat)
    page = dora.tab(chat)
    page.route(POSTS, lambda route: route.abort())
    say(page, "Not sent")
    expect(pending(page)).to_have_count(1, timeout=PATIENCE)
    composer(page).press_sequentially("A draft")
    page.get_by_role("button", name="Log out").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("has not been sent yet")
    assert len(page.evaluate(KEPT)) == 2
    question.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login"), timeout=PATIENCE)
    assert page.evaluate(KEPT) == []


def test_a_stream_that_is_quicker_than_the_answer_breaks_no_request_off(alice, chat):
    """An aborted request shows as cancelled in the browser's tools, and as an error in the log of a proxy."""
    page = alice.tab(chat)
    late, broken = [], []
    page.route(re.compile(r"/messages$"), lambda route: late.append((route, route.fetch())))
    page.on(
        "requestfailed",
        lambda request: broken.append((request.method, request.failure)) if request.method == "POST" else None,
    )
    say(page, "One")
    sees(page, "One")
    say(page, "Two")  # does not wait for the first answer, which brings nothing new
    sees(page, "Two")
    expect(pending(page)).to_have_count(0, timeout=PATIENCE)
    expect_poll(page, lambda: len(late) == 2)
    for route, answer in late:
        with page.expect_event("requestfinished", lambda request: request.method == "POST", timeout=PATIENCE):
            route.fulfill(response=answer)
    assert broken == []
