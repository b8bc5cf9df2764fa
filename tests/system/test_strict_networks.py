"""Networks that refuse unknown methods and headers, and networks that answer in the server's place."""

import re
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, Route, expect

from .middlebox import Hotel, Middlebox, get_and_post_only, known_headers_only, small_bodies_only
from .pages import PATIENCE, action, composer, delete, edit_last, message, pending, say, sees, until_live


@pytest.fixture
def behind(site, person):
    """``behind(guard)`` is Carol at a browser, with that box on her way to the server."""
    with ExitStack() as stack:
        yield lambda guard: person("Carol", url=stack.enter_context(Middlebox(site.url, guard=guard)).url)


def says_changes_and_deletes(page: Page) -> None:
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    say(page, "One")
    sees(page, "One")
    edit_last(page, "Two")
    sees(page, "Two")
    delete(page, "Two")
    sees(page, "Two", times=0)
    assert not any("csrf_token" in address for address in addresses)


@pytest.mark.parametrize("guard", [get_and_post_only, known_headers_only])
def test_a_message_is_sent_changed_and_deleted_where_only_the_known_passes(behind, guard):
    carol = behind(guard)
    page = carol.tab(carol.start_chat(assistant="never"))
    says_changes_and_deletes(page)


def test_ten_thousand_chinese_characters_fit_where_64_kib_pass(behind):
    carol = behind(small_bodies_only)
    page = carol.tab(carol.start_chat(assistant="never"))
    say(page, "字" * 10_000)
    sees(page, "字" * 10_000)
    edit_last(page, "好" * 10_000)
    sees(page, "好" * 10_000)


@pytest.mark.parametrize("guard", [get_and_post_only, known_headers_only, small_bodies_only])
def test_a_file_arrives_on_each_of_these_networks(behind, guard):
    carol = behind(guard)
    page = carol.tab(carol.start_chat(assistant="never"))
    data = bytes(range(250)) * 1200
    page.locator("input[type=file][name=files]").set_input_files(
        [{"name": "data.bin", "mimeType": "application/x", "buffer": data}]
    )
    expect(page.locator(".tray__file")).to_have_count(1)
    say(page, "With a file")
    sees(page, "With a file")
    address = message(page, "With a file").get_by_role("link", name="data.bin").get_attribute("href")
    assert carol.http.get(address).content == data


def test_a_deletion_that_fails_says_so_and_leaves_the_chat_as_it_is(alice, chat):
    page = alice.tab(chat)
    say(page, "Stays")
    sees(page, "Stays")
    page.route(
        re.compile(r"/messages/\d+$"),
        lambda route: route.fulfill(status=403, body="<h1>No</h1>", content_type="text/html"),
    )
    delete(page, "Stays")
    expect(page.get_by_role("alert").filter(has_text="answered")).to_be_visible(timeout=PATIENCE)
    page.unroute_all()
    page.route(re.compile(r"/messages/\d+$"), lambda route: route.abort())
    delete(page, "Stays")
    expect(page.get_by_role("alert").filter(has_text="out of reach")).to_be_visible(timeout=PATIENCE)
    page.unroute_all()
    sees(page, "Stays")
    expect(composer(page)).to_be_visible()


@pytest.mark.parametrize(("status", "body"), [(200, "Welcome to the hotel"), (200, ""), (204, "")])
def test_no_answer_in_the_server_s_place_counts_as_done(alice, chat, status, body):
    page = alice.tab(chat)
    say(page, "Stays")
    sees(page, "Stays")
    page.route(
        re.compile(r"/messages(/\d+)?$"),
        lambda route: route.fulfill(status=status, body=body, content_type="text/plain"),
    )
    delete(page, "Stays")
    expect(page.get_by_role("alert").filter(has_text="answered")).to_be_visible(timeout=PATIENCE)
    with page.expect_response(re.compile(r"/messages$")):
        say(page, "Not lost")
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    for text in ("Stays", "Not lost"):
        sees(page, text)


def test_a_removed_member_is_told_so_where_the_network_removes_our_header(alice, person, chat):
    carol = person("Carol")
    alice.add(carol, chat)
    page = carol.tab(chat)
    page.route(re.compile(rf"/chats/{chat}$"), without_our_header)
    alice.remove(carol, chat)
    expect(page.get_by_text("This chat is gone")).to_be_visible(timeout=PATIENCE)
    page.unroute_all(behavior="ignoreErrors")  # the page asks once more


def without_our_header(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, headers={k: v for k, v in answer.headers.items() if k != "x-plainwire"})


def test_a_deletion_that_the_server_refuses_says_why(alice, bob, chat):
    page = alice.tab(chat)
    say(page, "Mine")
    sees(page, "Mine")
    link = action(page, "Mine", "Delete")
    bob.send(chat, "Not mine")
    not_mine = message(page, "Not mine").get_attribute("data-message-id", timeout=PATIENCE)
    link.evaluate("(link, id) => link.setAttribute('href', `/messages/${id}`)", not_mine)
    delete(page, "Mine")
    expect(page.get_by_role("alert").filter(has_text="Only its author")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("path", ["/hotel", "/login"])
def test_a_hotel_that_wants_its_log_in_throws_nobody_out_of_the_chat(behind, path):
    hotel = Hotel(path)
    carol = behind(hotel)
    chat = carol.start_chat(assistant="never")
    page = carol.tab(chat)
    say(page, "Before")
    sees(page, "Before")
    hotel.closed = True
    page.evaluate("dispatchEvent(new Event('online'))")
    say(page, "Meanwhile")
    delete(page, "Before")
    expect(page.get_by_role("alert").filter(has_text="Something else on your network answered")).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.get_by_text("Reconnecting")).to_be_visible(timeout=PATIENCE)
    expect(pending(page)).to_contain_text("Meanwhile")
    assert page.url.endswith(f"/chats/{chat}")
    hotel.closed = False
    page.evaluate("dispatchEvent(new Event('online'))")
    until_live(page)
    for text in ("Before", "Meanwhile"):
        sees(page, text)
    assert page.url.endswith(f"/chats/{chat}")
    expect(pending(page)).to_have_count(0, timeout=PATIENCE)
