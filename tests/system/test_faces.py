"""A person's name and picture change, and every open page follows."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from .axe import mistakes
from .pages import compare_with_fresh, message, say, scroll_until, sees
from .test_chat_list import PHONE, compare_list_with_fresh, head
from .test_promise import HISTORY

PICTURE = re.compile(r"/users/\d+/portraits/\w+$")


@pytest.fixture
def carol(person):
    """New here, so that no other test knows her name."""
    return person("Carol")


@pytest.fixture
def both(carol, alice) -> int:
    """A chat of Carol and Alice."""
    chat = carol.start_chat(title="Plans")
    carol.add(alice, chat)
    return chat


def halves(width: int = 400, height: int = 400) -> dict:
    """A file to choose: red, and green on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("lime", (width // 2, 0, width, height))
    file = io.BytesIO()
    image.save(file, "PNG")
    return {"name": "me.png", "mimeType": "image/png", "buffer": file.getvalue()}


def rename(person, name: str) -> None:
    answer = person.submit("/profile/name", {"name": name})
    assert answer.status_code == 303


def profile(person, **options) -> Page:
    page = person.new_context(**options).new_page() if options else person.tab()
    page.goto("/profile")
    return page


def file_of(page: Page) -> Locator:
    return page.locator(".portrait").get_by_label("Picture", exact=True)


def crop_of(page: Page) -> Locator:
    return page.get_by_role("application", name="The part of the picture that is shown")


def colours(person) -> tuple[str, str]:
    """Of the left and the right side of the saved picture."""
    address = re.search(r'src="(/users/\d+/portraits/\w+)"', person.http.get("/profile").text)[1]
    image = Image.open(io.BytesIO(person.http.get(address).content)).convert("RGB")
    return tuple("red" if image.getpixel((x, 96))[0] > 128 else "green" for x in (20, 172))


def test_a_new_name_appears_in_everything_that_an_open_page_shows(carol, person, both):
    anna = person("Anna")  # whose list has no chat of another test
    carol.add(anna, both)
    carol.send(both, "Tuesday?")
    page, own = anna.tab(both), carol.tab()
    own.goto("/bookmarks")
    sees(page, "Tuesday?")
    message(page, "Tuesday?").hover()
    message(page, "Tuesday?").get_by_role("link", name="Reply", exact=True).click()
    say(page, "@Carol, fine")
    sees(page, "@Carol, fine")
    id = re.search(r"\d+", message(page, "@Carol, fine").get_attribute("id"))[0]
    carol.submit(f"/messages/{id}/reactions", {"emoji": "🎉"})
    expect(page.locator(".reaction")).to_have_count(1)
    carol.send(both, "Good")
    rename(carol, "Caroline <C>")
    expect(message(page, "Good").locator(".message__author")).to_have_text("Caroline <C>")
    expect(message(page, "Tuesday?").locator(".avatar")).to_have_text("C<")
    answer = message(page, "@Caroline <C>, fine")
    expect(answer.locator(".quote__name")).to_have_text("Caroline <C>")
    expect(answer.locator(".reaction")).to_have_attribute("title", "Caroline <C>: party popper")
    expect(answer.get_by_role("button", name="🎉 1, Caroline <C>")).to_be_visible()
    expect(head(page, both).locator(".chats__name")).to_have_text("Caroline <C>")
    expect(own.locator(".sidebar__name")).to_have_text("Caroline <C>")
    compare_with_fresh(page, both)
    compare_list_with_fresh(page)


def test_a_page_of_history_that_was_on_its_way_shows_the_new_name_too(carol, both):
    for number in range(60):
        carol.send(both, f"Number {number}")
    page, held = carol.tab(both), []  # to whom nothing is unread
    page.route(HISTORY, lambda route: held.append((route, route.fetch())), times=1)  # old when it comes
    scroll_until(page, "top", lambda: held)
    rename(carol, "Cornelia")
    expect(message(page, "Number 59").locator(".message__author")).to_have_text("Cornelia")
    [(route, answer)] = held
    route.fulfill(response=answer)
    expect(message(page, "Number 0").locator(".message__author")).to_have_text("Cornelia")
    compare_with_fresh(page, both)


def test_a_direct_chat_is_called_by_the_new_name(carol, alice):
    answer = carol.submit("/directs", {"user_ids": [alice.id]})
    direct = int(answer.headers["location"].rpartition("/")[2])
    carol.send(direct, "Hello")
    page = alice.tab(direct)
    rename(carol, "Carla")
    expect(page.get_by_role("heading", level=1, name="Carla", exact=True)).to_be_visible()
    expect(page).to_have_title(re.compile("Carla · Plainwire$"))
    expect(head(page, direct).locator(".chats__title")).to_have_text(re.compile("Carla"))


def test_a_picture_is_chosen_and_cropped_by_the_keyboard_alone_and_open_pages_show_it(carol, alice, both):
    carol.send(both, "Hello")
    watching, page = alice.tab(both), profile(carol)
    sees(watching, "Hello")
    before = message(watching, "Hello").bounding_box()
    file_of(page).set_input_files(halves())
    expect(crop_of(page)).to_be_focused()
    assert mistakes(page, ".portrait__dialog") == []
    for _ in range(6):
        page.keyboard.press("+")
    for _ in range(30):
        page.keyboard.press("ArrowLeft")  # the picture goes left, and its right side is shown
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.get_by_role("button", name="Save the picture").evaluate("(e) => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your picture is changed.")).to_be_visible()
    assert colours(carol) == ("green", "green")
    shown = message(watching, "Hello").locator(".avatar img")
    expect(shown).to_have_attribute("src", PICTURE)
    expect(shown).to_have_js_property("naturalWidth", 192)
    assert message(watching, "Hello").bounding_box() == before
    compare_with_fresh(watching, both)
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.get_by_text("Your picture is removed.")).to_be_visible()
    expect(message(watching, "Hello").locator(".avatar")).to_have_text("C")
    expect(shown).to_have_count(0)


def test_escape_leaves_everything_as_it_is_and_what_is_no_picture_is_refused(carol):
    page = profile(carol)
    file_of(page).set_input_files(halves())
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(file_of(page)).to_be_focused()
    expect(file_of(page)).to_have_js_property("value", "")
    file_of(page).set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"<html>"})
    expect(page.get_by_role("alert").filter(has_text="can't show the file as a picture")).to_be_visible()


def test_on_a_phone_the_picture_is_dragged_and_the_dialog_fits(person):
    dora = person("Dora", **PHONE)
    page = profile(dora)
    file_of(page).set_input_files(halves(800, 400))
    box = crop_of(page).bounding_box()
    save = page.get_by_role("button", name="Save the picture")
    expect(save).to_be_in_viewport()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + box["width"], middle[1], steps=4)
    page.mouse.up()
    save.click()
    expect(page.get_by_text("Your picture is changed.")).to_be_visible()
    assert colours(dora) == ("red", "red")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_javascript_both_are_plain_forms(person):
    eve = person("Eve", java_script_enabled=False)
    page = profile(eve)
    name = page.get_by_label("Name", exact=True)
    name.fill("Assistant")
    page.get_by_role("button", name="Change the name").click()
    expect(page.get_by_text("People could take this for an assistant.")).to_be_visible()
    expect(name).to_have_value("Assistant")
    name.fill("Evelyn")
    page.get_by_role("button", name="Change the name").click()
    expect(page.locator(".sidebar__name")).to_have_text("Evelyn")
    file_of(page).set_input_files(halves(600, 200))
    page.get_by_role("button", name="Save the picture").click()
    expect(page.get_by_text("Your picture is changed.")).to_be_visible()
    assert colours(eve) == ("red", "green")
