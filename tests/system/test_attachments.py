"""Files on the screens of two people: chosen, dropped and pasted, sent once, looked at and gone."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.files import photo, picture
from tests.servers import worker

from .pages import (
    PATIENCE,
    compare_with_fresh,
    composer,
    expect_poll,
    message,
    messages,
    open_chat,
    pending,
    say,
    sees,
    until_live,
)

UPLOADS = re.compile(r"/uploads(/\d+)?$")
PIECES = re.compile(r"/uploads/\d+$")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LARGE = 3_000_000  # bytes, several pieces


@pytest.fixture(scope="module", autouse=True)
def thumbnails(site):
    with worker(site.environ):
        yield


@pytest.fixture
def tabs(alice, bob, chat):
    return alice.tab(chat), bob.tab(chat)


def file(name: str, data: bytes = b"abc", kind: str = "application/octet-stream") -> dict:
    return {"name": name, "mimeType": kind, "buffer": data}


def png(name: str, size: tuple[int, int] = (800, 600), colour: str = "teal") -> dict:
    return file(name, picture(size=size, colour=colour), "image/png")


def choose(page: Page, *files: dict) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(list(files))
    expect(tray(page)).to_have_count(len(files))


def tray(page: Page) -> Locator:
    return page.locator(".tray__file")


def uploaded(page: Page) -> None:
    expect(page.locator(".tray__file:not([data-state=done])")).to_have_count(0, timeout=PATIENCE)


def send(page: Page) -> None:
    page.get_by_role("button", name="Send").click()


def files(page: Page) -> Locator:
    return page.locator(".messages .attachment")


def give(page: Page, how: str, *given: dict) -> None:
    """What the browser does when somebody drops or pastes files."""
    page.evaluate(
        """([how, files]) => {
          const data = new DataTransfer()
          for (const { name, type, bytes } of files) data.items.add(new File([new Uint8Array(bytes)], name, { type }))
          const target = document.querySelector("textarea")
          const options = { bubbles: true, cancelable: true }
          const drag = (name) => target.dispatchEvent(new DragEvent(name, { dataTransfer: data, ...options }))
          const paste = () => target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, ...options }))
          if (how === "paste") return paste()
          drag("dragenter")
          drag("dragover")
          window.overlay = !document.querySelector(".drop").hidden
          drag("drop")
        }""",
        [how, [{"name": f["name"], "type": f["mimeType"], "bytes": list(f["buffer"])} for f in given]],
    )


def test_files_and_text_arrive_together_and_the_picture_moves_nothing(tabs, chat):
    alice, bob = tabs
    choose(alice, png("view.png"), file("plan.pdf"))
    composer(alice).fill("Look at this")
    send(alice)
    for tab in tabs:
        sees(tab, "Look at this")
        article = message(tab, "Look at this")
        place = article.locator(".attachment__picture")
        expect(place).to_have_attribute("width", "360")
        expect(article.locator("img.attachment__picture")).to_be_visible(timeout=PATIENCE)
        expect(article.get_by_role("link", name="plan.pdf")).to_have_attribute("download", "plan.pdf")
        box = place.bounding_box()
        assert (round(box["width"]), round(box["height"])) == (360, 270)
        compare_with_fresh(tab, chat)
    expect(tray(alice)).to_have_count(0)
    expect(pending(alice)).to_have_count(0)


def test_files_are_dropped_on_the_window_and_screenshots_pasted(tabs):
    alice, bob = tabs
    give(alice, "drop", file("a.txt"), file("b.txt"))
    assert alice.evaluate("window.overlay")
    expect(alice.locator(".drop")).to_be_hidden()
    expect(tray(alice)).to_have_count(2)
    give(alice, "paste", png("image.png", (40, 40)))
    expect(tray(alice)).to_have_count(3)
    alice.get_by_role("button", name="Remove b.txt").click()
    expect(tray(alice)).to_have_count(2)
    expect(composer(alice)).to_be_focused()
    composer(alice).press("Enter")
    expect(files(bob)).to_have_count(2)
    expect(messages(bob)).to_have_count(1)


def test_an_upload_goes_on_after_a_cut_and_a_reload_and_arrives_once(tabs, chat):
    alice, bob = tabs
    data = bytes(range(256)) * (LARGE // 256)
    pieces: list[int] = []

    def cut(route: Route) -> None:
        pieces.append(1)
        if len(pieces) % 3 == 2:
            route.fetch()  # the server has it, and the answer is lost
            route.abort()
        elif len(pieces) > 5:
            route.abort()
        else:
            route.continue_()

    alice.route(PIECES, cut)
    choose(alice, file("large.bin", data))
    composer(alice).fill("Large")
    send(alice)
    expect(pending(alice).locator("progress")).to_be_visible()
    while len(pieces) < 7:
        known = len(pieces)
        alice.evaluate("dispatchEvent(new Event('online'))")
        expect_poll(alice, lambda known=known: len(pieces) > known)
    alice.reload()
    expect(pending(alice)).to_have_count(1)
    alice.unroute_all(behavior="ignoreErrors")
    for tab in tabs:
        sees(tab, "Large")
        compare_with_fresh(tab, chat)
    expect(messages(bob)).to_have_count(1)
    address = message(bob, "Large").get_by_role("link", name="large.bin").get_attribute("href")
    assert bob.request.get(address).body() == data


def test_files_of_an_unsent_text_are_there_after_a_reload(alice, chat):
    page = alice.tab(chat)
    choose(page, png("view.png"), file("plan.pdf"))
    uploaded(page)
    expect(page.locator("img.tray__picture").first).to_be_visible()
    page.reload()
    expect(tray(page)).to_have_count(2)
    expect(page.locator("img.tray__picture").first).to_be_visible()
    send(page)
    expect(files(page)).to_have_count(2)


def test_a_text_in_another_chat_does_not_wait_for_a_large_file(alice, bob, chat):
    page = alice.tab(chat)
    page.route(PIECES, lambda route: None)  # never an answer
    choose(page, file("large.bin", bytes(LARGE)))
    send(page)
    say(page, "After the file")
    expect(pending(page)).to_have_count(2)
    other = alice.start_chat(title="Other")
    page.goto(f"/chats/{other}")
    until_live(page)
    say(page, "Not held up")
    sees(page, "Not held up")
    page.unroute_all(behavior="ignoreErrors")
    open_chat(page, chat)
    expect(messages(page)).to_have_count(2)
    expect(messages(page).first.locator(".attachment")).to_have_count(1)


def test_what_is_refused_says_so_before_it_is_sent_and_nothing_is_lost(alice, chat):
    page = alice.tab(chat)
    page.locator("form.composer").evaluate("(form) => (form.dataset.attachmentsFileBytesValue = '1000')")
    choose(page, file("big.bin", bytes(2000)), file("small.bin"))
    expect(tray(page).first).to_contain_text("This file has 2 kB. Up to 1 kB are possible.")
    composer(page).fill("With files")
    send(page)
    expect(page.get_by_text("Remove the file that cannot be sent.")).to_be_visible()
    page.get_by_role("button", name="Remove big.bin").click()
    send(page)
    sees(page, "With files")
    expect(files(page)).to_have_count(1)


def test_a_message_that_the_server_refuses_comes_back_with_its_files(alice, chat):
    page = alice.tab(chat)
    choose(page, file("plan.pdf"))
    say(page, "A bell: \a")
    expect(pending(page)).to_contain_text("control character")
    pending(page).get_by_role("button", name="Edit").click()
    expect(tray(page)).to_have_count(1)
    say(page, "No bell")
    sees(page, "No bell")
    expect(message(page, "No bell").locator(".attachment")).to_have_count(1)


def test_pictures_are_looked_at_one_after_the_other(alice, chat):
    page = alice.tab(chat)
    choose(page, *(png(f"{colour}.png", (1600, 900), colour) for colour in ("red", "green", "blue")))
    send(page)
    pictures = page.locator("a[data-lightbox]")
    expect(pictures).to_have_count(3, timeout=PATIENCE)
    pictures.nth(1).click()
    box = page.get_by_role("dialog", name="Picture")
    expect(box).to_contain_text("2 of 3")
    expect(box.get_by_role("img", name="green.png")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(box).to_contain_text("3 of 3")
    expect(box.get_by_role("button", name="Next picture")).to_be_hidden()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(box).to_contain_text("1 of 3")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(pictures.nth(0)).to_be_focused()


def test_on_a_phone_there_is_a_camera_and_a_swipe_leads_on(person, alice, chat):
    carol = person("Carol", **PHONE)
    alice.add(carol, chat)
    page = carol.tab(chat)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take a picture").tap()
    chooser.value.set_files([file("photo.jpg", photo(), "image/jpeg")])
    expect(tray(page)).to_have_count(1)
    choose_more = page.locator("input[type=file][name=files]")
    choose_more.set_input_files([png("view.png")])
    expect(tray(page)).to_have_count(2)
    page.get_by_role("button", name="Send").tap()
    pictures = page.locator("a[data-lightbox]")
    expect(pictures).to_have_count(2, timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pictures.first.tap()
    box = page.get_by_role("dialog", name="Picture")
    expect(box).to_contain_text("1 of 2")
    swipe(page, box)
    expect(box).to_contain_text("2 of 2")


def swipe(page: Page, box: Locator) -> None:
    box.evaluate(
        """(box) => {
          const touch = (x) => [new Touch({ identifier: 1, target: box, clientX: x, clientY: 300 })]
          const send = (name, touches, x) =>
            box.dispatchEvent(new TouchEvent(name, { touches, changedTouches: touch(x), bubbles: true }))
          send("touchstart", touch(300), 300)
          send("touchend", [], 100)
        }"""
    )


def test_without_scripts_files_are_sent_by_the_form(person, alice, chat):
    carol = person("Carol", java_script_enabled=False)
    alice.add(carol, chat)
    page = carol.tab()
    page.goto(f"/chats/{chat}")
    page.locator("input[type=file][name=files]").set_input_files([file("a.txt"), file("b.txt")])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("link", name="a.txt")).to_be_visible()
    expect(page.get_by_role("link", name="b.txt")).to_be_visible()
