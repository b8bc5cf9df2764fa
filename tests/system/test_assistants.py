"""Several assistants: an administrator makes one and says hello, people add it to chats and mention it."""

import itertools
import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import create_engine, text

from tests.provider import Failure

from .axe import mistakes
from .pages import PATIENCE, action, compare_with_fresh, composer, message, say
from .test_attachments import file, png
from .test_chat_list import PHONE
from .test_mentions import begin, chosen, options

numbers = itertools.count(1)


@pytest.fixture
def make_admin(site):
    def make(one):
        engine = create_engine(site.environ["DATABASE_URL"])
        with engine.begin() as connection:
            connection.execute(text("UPDATE users SET admin = true WHERE id = :id"), {"id": one.id})
        engine.dispose()
        return one

    return make


@pytest.fixture
def ada(person, make_admin):
    return make_admin(person("Ada"))


@pytest.fixture
def assistant(ada, provider):
    """``assistant("Coder")`` is the id of a new one, whose name begins so."""

    def make(name: str) -> tuple[int, str]:
        name = f"{name}{next(numbers)}"
        form = {"name": name, "model": "m", "base_url": provider.url, "reply_tokens": "500"}
        answer = ada.submit("/assistants", form)
        return int(re.search(r"/assistants/(\d+)", answer.headers["location"])[1]), name

    return make


def add(one, chat: int, id: int) -> None:
    assert one.submit(f"/chats/{chat}/members", {"user_id": id}).status_code == 303


def answers(page: Page, name: str) -> Locator:
    return page.locator("article[data-author-kind=assistant]").filter(has=page.get_by_text(name, exact=True))


def fill(page: Page, name: str, url: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Model", exact=True).fill("coder-1")
    page.get_by_label("Address of the server").fill(url)
    page.get_by_label("Key", exact=True).fill("sk-secret")


def test_an_administrator_finds_the_page_makes_one_and_says_hello(ada, provider):
    name = f"Maker{next(numbers)}"
    provider.will("Hello to you.")
    page = ada.tab()
    page.goto("/")
    page.get_by_role("link", name="Assistants", exact=True).click()
    page.get_by_role("link", name="Add an assistant").click()
    fill(page, name, "localhost")
    page.get_by_role("button", name="Add", exact=True).click()
    # A refused form has everything that was typed, and the key where nobody sees it.
    expect(page.get_by_text("Enter an address that begins with")).to_be_visible()
    expect(page.get_by_label("Address of the server")).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    expect(page.get_by_text("The key that you have just typed is kept.")).to_be_visible()
    assert "sk-secret" not in page.content()
    assert mistakes(page, "main") == []
    page.get_by_label("Address of the server").fill(provider.url)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("button", name="Say hello").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Hello to you.")).to_be_focused(timeout=PATIENCE)
    assert provider.keys[-1] == "sk-secret"
    provider.will(Failure(404))
    page.get_by_role("button", name="Say hello").click()
    expect(page.get_by_role("alert").filter(has_text="does not exist there")).to_be_visible(timeout=PATIENCE)
    assert mistakes(page, "main") == []


def test_two_assistants_are_mentioned_by_keyboard_and_each_answers_once_for_everybody(alice, bob, provider, assistant):
    chat = alice.start_chat(title="Two", assistant="mentioned")
    alice.add(bob, chat)
    (first, coder), (second, scribe) = assistant("Coder"), assistant("Scribe")
    for id in (first, second):
        add(alice, chat, id)
    provider.will("Here I am.")
    tabs = alice.tab(chat), bob.tab(chat)
    expect(tabs[1].get_by_text("4 members")).to_be_visible()
    begin(tabs[0], f"@{coder[:4]}")
    chosen(tabs[0], coder)
    tabs[0].keyboard.press("Enter")
    tabs[0].keyboard.type(f"@{scribe[:4]}")
    chosen(tabs[0], scribe)
    tabs[0].keyboard.press("Enter")
    expect(composer(tabs[0])).to_have_value(f"@{coder} @{scribe} ")
    tabs[0].keyboard.type("hello")
    tabs[0].keyboard.press("Enter")
    for tab in tabs:
        for name in (coder, scribe):
            expect(answers(tab, name)).to_have_count(1)
            expect(answers(tab, name)).to_have_attribute("data-state", "complete", timeout=PATIENCE)
        compare_with_fresh(tab, chat)
    begin(tabs[0], "@assis")
    expect(options(tabs[0])).to_have_count(0)


def test_a_reply_to_an_answer_asks_the_one_that_wrote_it(alice, provider, assistant):
    chat = alice.start_chat(title="Reply", assistant="mentioned")
    id, coder = assistant("Coder")
    add(alice, chat, id)
    provider.will("First answer.", "Second answer.")
    page = alice.tab(chat)
    say(page, f"@{coder} hello")
    expect(message(page, "First answer.")).to_have_attribute("data-state", "complete", timeout=PATIENCE)
    action(page, "First answer.", "Reply").click()
    expect(page.get_by_text(f"Replying to {coder}")).to_be_visible()
    say(page, "Are you sure?")
    expect(answers(page, coder).filter(has_text="Second answer.").first).to_be_visible(timeout=PATIENCE)


def test_a_new_name_shows_at_once_in_what_it_wrote(alice, ada, provider, assistant):
    chat = alice.start_chat(title="Names", assistant="mentioned")
    id, coder = assistant("Coder")
    add(alice, chat, id)
    provider.will("Here I am.")
    page = alice.tab(chat)
    say(page, f"@{coder} hello")
    expect(answers(page, coder)).to_have_attribute("data-state", "complete", timeout=PATIENCE)
    new = f"Programmer{next(numbers)}"
    form = {"_method": "patch", "name": new, "model": "m", "base_url": provider.url, "reply_tokens": "500"}
    assert ada.submit(f"/assistants/{id}", form).status_code == 303
    expect(answers(page, new)).to_have_count(1, timeout=PATIENCE)
    expect(message(page, f"@{new} hello")).to_have_count(1)
    compare_with_fresh(page, chat)


def test_the_menu_of_an_answer_leads_to_what_was_read(alice, provider, assistant):
    chat = alice.start_chat(title="Read", assistant="mentioned")
    id, coder = assistant("Coder")
    add(alice, chat, id)
    provider.will("Here I am.")
    page = alice.tab(chat)
    say(page, "The plan")
    say(page, f"@{coder} hello")
    expect(message(page, "Here I am.")).to_have_attribute("data-state", "complete", timeout=PATIENCE)
    message(page, "The plan").hover()
    expect(message(page, "The plan").get_by_role("link", name="What it read")).to_be_hidden()
    action(page, "Here I am.", "What it read").click()
    expect(page.get_by_text("Read the last 2 messages.")).to_be_visible()
    assert mistakes(page, "main") == []
    page.get_by_role("link", name="Go to the first message").click()
    expect(message(page, "The plan")).to_be_in_viewport()


def test_a_model_that_sees_is_asked_about_a_picture_and_says_so(ada, provider, assistant):
    id, name = assistant("Painter")
    chat = ada.start_chat(title="Pictures", assistant="mentioned")
    add(ada, chat, id)
    page = ada.tab()
    page.goto(f"/assistants/{id}/edit")
    sees = page.get_by_role("group", name="Is it given the pictures of a chat?")
    expect(sees.get_by_role("radio", name="If its model is known")).to_be_checked()
    sees.get_by_role("radio", name="If its model is known").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible(timeout=PATIENCE)
    expect(sees.get_by_role("radio", name="Yes")).to_be_checked()
    assert mistakes(page, "main") == []
    provider.will("A teal one.")
    page = ada.tab(chat)
    page.locator("input[type=file][name=files]").set_input_files([file("notes.txt"), png("colour.png")])
    say(page, f"@{name} which colour?")
    expect(message(page, "A teal one.")).to_have_attribute("data-state", "complete", timeout=PATIENCE)
    kinds = [part["type"] for part in provider.requests[-1]["messages"][-1]["content"]]
    assert kinds == ["text", "image_url"]
    action(page, "A teal one.", "What it read").click()
    expect(page.get_by_text("It was given 1 text file and 1 picture with it.")).to_be_visible()


def test_on_a_phone_one_writes_to_an_assistant_directly_and_it_answers_everything(person, provider, assistant):
    dora = person("Dora", **PHONE)
    _, coder = assistant("Coder")
    provider.will("What can I do?")
    page = dora.tab()
    page.goto("/directs/new")
    page.get_by_label("Name or e-mail address").press_sequentially(coder)
    page.get_by_role("option", name=coder).tap()
    page.get_by_role("button", name=f"Write to {coder}").tap()
    expect(page.get_by_text("Always answers")).to_be_visible()
    composer(page).fill("hello")
    page.get_by_role("button", name="Send").tap()
    expect(answers(page, coder)).to_have_attribute("data-state", "complete", timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    answers(page, coder).get_by_role("link", name="Actions").tap()
    page.get_by_role("link", name="What it read").tap()
    expect(page.get_by_text("Read the question.")).to_be_visible()


def test_without_javascript_all_of_it_works(person, make_admin, provider):
    eve = make_admin(person("Eve", java_script_enabled=False))
    name = f"Plain{next(numbers)}"
    provider.will("Hello to you.")
    page = eve.tab()
    page.goto("/assistants/new")
    fill(page, "", provider.url)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Give it a name.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("button", name="Say hello").click()
    expect(page.get_by_text("Hello to you.")).to_be_visible()
    assert provider.keys[-1] == "sk-secret"
    page.get_by_role("button", name=f"Retire {name}").click()
    expect(page.get_by_text("It answers nobody any more.")).to_be_visible()
    page.get_by_role("button", name=f"Bring {name} back").click()
    expect(page.get_by_role("button", name=f"Retire {name}")).to_be_visible()
    chat = eve.start_chat(title="Plain", assistant="mentioned")
    page.goto(f"/chats/{chat}/members?q={name}")
    page.get_by_role("button", name=f"Add {name}").click()
    expect(page.locator(".member").filter(has_text=name)).to_be_visible()
