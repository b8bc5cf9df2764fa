"""The list of one's chats beside every page."""

import re

import pytest

from chatapp.extensions import db
from chatapp.models import Chat


def list_of(page) -> str:
    return re.search(r'<ul id="chats_user_.*?</ul>', page.text, re.DOTALL)[0]


def test_it_is_beside_every_page_of_who_is_logged_in_and_no_other(alice, anonymous, chat):
    for path in ("/", f"/chats/{chat.id}", "/chats/new", "/sessions"):
        assert f'id="head_chat_{chat.id}"' in list_of(alice.get(path))
    assert "chats_user_" not in anonymous.get("/login").text


def test_pages_of_who_is_logged_in_name_the_address_of_their_one_stream(alice, anonymous):
    assert '<meta name="stream-address" content="/stream">' in alice.get("/").text
    assert "stream-address" not in anonymous.get("/login").text


def test_the_list_and_the_open_chat_name_their_streams(alice, chat):
    page = alice.get(f"/chats/{chat.id}")
    assert f'data-live-list-name-value="user:{alice.id}"' in list_of(page)
    assert f'data-stream-name-value="chat:{chat.id}"' in page.text


def test_the_open_chat_is_marked(alice, chat):
    other = Chat.start(alice.user, "Other")
    db.session.commit()
    heads = re.findall(r'<a id="head_chat_(\d+)"[^>]* aria-current="page"', alice.get(f"/chats/{other.id}").text)
    assert heads == [str(other.id)]
    assert "aria-current" not in list_of(alice.get("/"))


def test_a_chat_with_unread_messages_says_how_many(alice, bob, chat):
    for _ in range(3):
        chat.post(alice.user, "Hello")
    db.session.commit()
    badge = f'<span id="unread_chat_{chat.id}" class="chats__unread">'
    assert f'{badge}3<span class="visually-hidden"> unread</span></span>' in list_of(bob.get("/"))
    assert f"{badge}</span>" in list_of(alice.get("/"))


def test_a_live_list_is_the_one_that_a_reload_brings(alice, bob, chat):
    chat.post(bob.user, "Hello")
    db.session.commit()
    page = list_of(alice.get("/"))
    assert str(alice.user.list_fragments(alice.user.listed())).count(page) == 1


@pytest.mark.parametrize("path", ["/", "/chats/new"])
def test_outsiders_see_nothing_of_a_chat(charlie, removed, chat, path):
    for visitor in (charlie, removed):
        assert "Plans" not in visitor.get(path).text


def test_pages_of_the_previous_release_ask_for_their_list_and_keep_the_one_that_they_have(alice):
    answer = alice.get("/sidebar?chat=1")
    assert (answer.status_code, answer.text) == (204, "")
