"""Replies in the panel beside their chat, on the screens of two people."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.jobs.test_growing_replies import ANSWER, tokens
from tests.provider import Paced

from .axe import mistakes
from .pages import CANONICAL, compare_with_fresh, composer, expect_poll, open_chat, say, until_live

THREAD = f"() => {{ {CANONICAL} return canonical(document.querySelector('.replies--panel .messages--thread')) }}"
LOST = """() => {
  const chat = document.querySelector("[data-stream-url-value]")
  chat.dataset.streamUrlValue = chat.dataset.streamUrlValue.replace(/revision=\\d+/, "revision=1000000")
  dispatchEvent(new Event("online"))
}"""
PLACE = "() => [...document.querySelectorAll('.conversation article')].at(3).getBoundingClientRect().top"


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Replies")


def box(page: Page) -> Locator:
    """Where one writes a reply."""
    return page.get_by_role("textbox", name="Your reply")


def sees(page: Page, text: str, times: int = 1, where: str = ".replies") -> None:
    body = page.locator(".message__body").filter(has_text=re.compile(f"^\\s*{re.escape(text)}\\s*$"))
    expect(page.locator(f"{where} .messages > article").filter(has=body)).to_have_count(times)


def shown(page: Page) -> list[str]:
    """The texts in the panel."""
    return [text.strip() for text in page.locator(".replies .messages .message__body").all_text_contents()]


def reply_to(person, chat: int, id: int, text: str) -> int:
    answer = person.submit(f"/chats/{chat}/messages", {"content": text, "reply_to": str(id)})
    assert answer.status_code == 303, answer.text
    found = re.findall(r'data-message-id="(\d+)"', person.http.get(f"/messages/{id}/replies").text)
    return int(found[-1])


def open_thread(page: Page, id: int) -> Page:
    page.locator(f"#message_{id} .thread__link").click()
    expect(panel(page)).to_be_visible()
    expect(box(page)).to_be_visible()
    return page


def same_as_reloaded(page: Page) -> None:
    before = page.evaluate(THREAD)
    page.reload()
    until_live(page)
    expect(box(page)).to_be_visible()
    assert page.evaluate(THREAD) == before
    ids = page.locator("[id]").evaluate_all("(all) => all.map(({ id }) => id)")
    assert [id for id in ids if ids.count(id) > 1] == []


@pytest.fixture
def first(alice, bob, chat) -> int:
    """A message with one reply."""
    id = int(re.search(r'data-message-id="(\d+)"', alice.send(chat, "Lunch?").text)[1])
    reply_to(bob, chat, id, "At one")
    return id


def test_a_thread_opens_beside_its_chat_and_both_stay_live(alice, bob, chat, first):
    for number in range(30):
        bob.send(chat, f"Number {number}")
    page = alice.tab(chat)
    composer(page).fill("Half a thought")
    page.locator(".conversation__scroller").evaluate("(scroller) => (scroller.scrollTop = 0)")
    before = page.evaluate(PLACE)
    open_thread(page, first)
    assert shown(page) == ["Lunch?", "At one"]
    expect(box(page)).to_be_focused()
    assert abs(page.evaluate(PLACE) - before) < 60  # the lines of what is above may break elsewhere
    box(page).fill("I am in")
    box(page).press("Enter")
    sees(page, "I am in")
    later = reply_to(bob, chat, first, "So am I")
    sees(page, "So am I")
    alice.submit(f"/messages/{first}", {"_method": "patch", "content": "Lunch today?"})
    sees(page, "Lunch today?")
    sees(page, "Lunch today?", where=".conversation")
    bob.submit(f"/messages/{later}/reactions", {"emoji": "👍"})
    expect(page.locator(f"#thread_message_{later} .reaction")).to_be_visible()
    expect(page.locator(f".conversation #message_{first} .thread__link")).to_have_text("3 replies")
    bob.submit(f"/messages/{later}", {"_method": "delete"})
    sees(page, "So am I", times=0)
    assert shown(page) == ["Lunch today?", "At one", "I am in"]
    panel(page).get_by_role("button", name="Close").click()
    expect(panel(page)).to_be_hidden()
    expect(composer(page)).to_have_value("Half a thought")
    assert abs(page.evaluate(PLACE) - before) < 2
    open_thread(page, first)
    same_as_reloaded(page)
    panel(page).get_by_role("button", name="Close").click()
    expect(panel(page)).to_be_hidden()
    compare_with_fresh(page, chat)


def test_with_the_keyboard_one_opens_replies_and_closes(alice, chat, first):
    page = alice.tab(chat)
    link = page.locator(f".conversation #message_{first} .thread__link")
    link.focus()
    link.press("Enter")
    expect(box(page)).to_be_focused()
    assert f"thread={first}" in page.url
    assert mistakes(page) == []
    box(page).press_sequentially("Yes")
    box(page).press("Enter")
    sees(page, "Yes")
    box(page).press_sequentially("No")
    box(page).press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(link).to_be_focused()
    expect(page).not_to_have_url(re.compile("thread="))
    link.press("Enter")
    expect(box(page)).to_have_value("No")
    page.reload()
    until_live(page)
    expect(box(page)).to_have_value("No")
    expect(composer(page)).to_be_focused()


def test_back_closes_a_thread_and_forward_opens_it_without_loading_the_page(alice, chat, first):
    page = alice.tab()
    page.goto("/")
    page.locator(f"a[href='/chats/{chat}']").first.click()
    until_live(page)
    page.evaluate("document.querySelector('.chat').dataset.same = 'yes'")
    open_thread(page, first)
    page.evaluate("history.back()")
    expect(panel(page)).to_be_hidden()
    page.evaluate("history.forward()")
    expect(box(page)).to_be_visible()
    expect(page.locator(".chat[data-same]")).to_be_visible()
    page.locator(".sidebar a[href='/chats/new']").first.click()
    page.wait_for_url("**/chats/new")
    page.evaluate("history.back()")
    until_live(page)
    expect(box(page)).to_be_visible()
    assert shown(page) == ["Lunch?", "At one"]
    page.evaluate("history.back()")
    expect(panel(page)).to_be_hidden()
    page.evaluate("history.back()")
    page.wait_for_url(re.compile(r"://[^/]+/$"))
    page.goto(f"/chats/{chat}?thread=2000000000")
    page.wait_for_url(re.compile(rf"/chats/{chat}$"))
    expect(panel(page)).to_be_hidden()


def test_offline_a_reply_waits_in_chat_and_panel_and_arrives_once(alice, bob, chat, first):
    page = open_thread(bob.tab(chat), first)
    bob.context.set_offline(True)
    box(page).fill("Later")
    box(page).press("Enter")
    for side in (".replies", ".conversation"):
        expect(page.locator(f"{side} .outbox > article")).to_have_count(1)
    reply = reply_to(alice, chat, first, "Meanwhile")
    bob.context.set_offline(False)
    sees(page, "Meanwhile")
    sees(page, "Later")
    for side in (".replies", ".conversation"):
        expect(page.locator(f"{side} .outbox > article")).to_have_count(0)
    assert shown(page) == ["Lunch?", "At one", "Meanwhile", "Later"]
    alice.submit(f"/messages/{reply}", {"_method": "delete"})
    sees(page, "Meanwhile", times=0)
    same_as_reloaded(page)


def test_what_is_said_while_a_thread_is_on_its_way_is_shown_too(alice, bob, chat, first):
    page = bob.tab(chat)
    held = []
    page.route("**/replies?panel", lambda route: held.append(route), times=1)
    page.locator(f"#message_{first} .thread__link").click()
    expect_poll(page, lambda: held)
    answer = held[0].fetch()  # what the server says now, and the page gets it later
    reply_to(alice, chat, first, "Meanwhile")
    alice.submit(f"/messages/{first}", {"_method": "patch", "content": "Dinner?"})
    sees(page, "Dinner?", where=".conversation")
    held[0].fulfill(response=answer)
    sees(page, "Meanwhile")
    assert shown(page) == ["Dinner?", "At one", "Meanwhile"]
    page.unroute("**/replies?panel")
    same_as_reloaded(page)


def test_a_thread_whose_messages_are_deleted_shows_what_a_reload_shows(alice, bob, chat, first):
    page = open_thread(bob.tab(chat), first)
    alice.submit(f"/messages/{first}", {"_method": "delete"})
    expect(panel(page).get_by_text("This message was deleted.")).to_be_visible()
    assert shown(page) == ["At one"]
    same_as_reloaded(page)
    box(page).fill("Too late?")
    box(page).press("Enter")
    sees(page, "Too late?")
    for text in ("At one", "Too late?"):
        reply = panel(page).locator("article").filter(has_text=text)
        reply.hover()
        reply.get_by_role("link", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        sees(page, text, times=0)
    expect(panel(page).get_by_text("No replies yet")).to_be_visible()
    same_as_reloaded(page)


def test_a_long_thread_shows_earlier_replies_and_comes_anew_with_the_chat(alice, bob, chat, first):
    for number in range(51):
        alice.submit(f"/chats/{chat}/messages", {"content": f"Number {number}", "reply_to": str(first)})
    page = open_thread(bob.tab(chat), first)
    assert len(shown(page)) == 51
    panel(page).get_by_role("link", name="Show earlier replies").click()
    sees(page, "At one")
    assert shown(page)[:3] == ["Lunch?", "At one", "Number 0"] and len(shown(page)) == 53
    assert page.locator(".replies article:not([id^=thread_])").count() == 0
    box(page).fill("Half")
    page.evaluate(LOST)
    sees(page, "At one", times=0)
    expect(box(page)).to_have_value("Half")
    same_as_reloaded(page)


def test_a_member_who_is_removed_can_no_longer_reply_in_the_panel(alice, bob, chat, first):
    page = open_thread(bob.tab(chat), first)
    alice.remove(bob, chat)
    expect(page.get_by_text("This chat is gone")).to_be_visible()
    expect(box(page)).not_to_be_editable()
    later = reply_to(alice, chat, first, "Among us")
    assert page.locator(f"#thread_message_{later}").count() == 0


def test_on_a_phone_a_thread_is_a_page_with_a_line_to_reply(person, alice, chat, first):
    carol = person("Carol", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    alice.add(carol, chat)
    page = open_chat(carol.tab(), chat)
    page.locator(f"#message_{first} .thread__link").tap()
    page.wait_for_url(f"**/messages/{first}/replies")
    until_live(page)
    box(page).fill("On my way")
    page.get_by_role("button", name="Send").tap()
    sees(page, "On my way")
    expect(page.locator(".outbox > article")).to_have_count(0)
    assert mistakes(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_answer_that_is_still_being_written_grows_in_the_chat_and_in_its_thread(provider, alice):
    chat = alice.start_chat(title="Questions", assistant="mentioned")
    provider.will(Paced(tokens(ANSWER), 0.05))
    page = alice.tab(chat)
    say(page, "@assistant How does it work?")
    answer = page.locator(".conversation article[data-author-kind=assistant]")
    expect(answer).to_contain_text("How it works")  # the only one: what follows is a question, too
    id = int(answer.get_attribute("data-message-id"))
    reply_to(alice, chat, id, "At last")
    open_thread(page, id)
    expect(panel(page).locator("article[data-state=generating]")).to_have_count(1)
    provider.release()
    for side in (".conversation", ".replies--panel"):
        whole = page.locator(f"{side} article[data-state=complete][data-message-id='{id}']")
        expect(whole).to_contain_text("number 10")
    bodies = page.locator(f"article[data-message-id='{id}'] .message__body").evaluate_all(
        "(all) => all.map((body) => body.innerHTML)"
    )
    assert bodies[0] == bodies[1]
    same_as_reloaded(page)
