"""Removing the preview of a link from one's message, and where chats decide about previews."""

import pytest

from chatapp.extensions import db
from chatapp.models import LinkPreview, Message

SETTINGS = {"title": "Plans", "kind": "closed", "assistant": "never", "writers": "everyone"}
URL = "https://www.example.com/plan"


@pytest.fixture
def message(alice, chat) -> Message:
    """Alice's, with a preview that was fetched."""
    db.session.add(LinkPreview(url=URL, state="ready", title="The plan", site="example.com"))
    chat.link_previews = "always"
    message = chat.post(alice.user, f"See {URL}")
    db.session.commit()
    return message


def remove(visitor, message):
    return visitor.turbo("DELETE", f"/messages/{message.id}/preview")


def is_shown(message) -> bool:
    db.session.expire_all()
    return "The plan" in message.to_html()


def test_its_author_removes_it_and_may_do_so_twice(alice, message):
    assert is_shown(message)
    answer = remove(alice, message)
    assert answer.status_code == 200 and URL in answer.text and "The plan" not in answer.text
    assert remove(alice, message).status_code == 200 and not is_shown(message)


def test_nobody_else_removes_it(bob, admin, chat, message):
    chat.admit(admin.user)
    db.session.commit()
    assert remove(bob, message).status_code == remove(admin, message).status_code == 403
    assert is_shown(message)


def test_outsiders_and_whoever_was_removed_find_nothing(charlie, removed, message):
    for visitor in (charlie, removed):
        assert remove(visitor, message).status_code == 404
        assert visitor.get(f"/messages/{message.id}/preview").status_code == 404
    assert is_shown(message)


def test_without_scripts_the_cross_leads_to_a_button(alice, bob, chat, message):
    address = f"/messages/{message.id}/preview"
    assert f'href="{address}"' in alice.get(f"/chats/{chat.id}").text
    actions = alice.get(address).location
    assert actions == f"/messages/{message.id}/actions" and f'action="{address}"' in alice.get(actions).text
    assert f'action="{address}"' not in bob.get(actions).text
    assert alice.submit(address, method="DELETE").location == f"/chats/{chat.id}" and not is_shown(message)
    assert f'action="{address}"' not in alice.get(actions).text


def test_a_chat_s_managers_decide(alice, bob, chat):
    address = f"/chats/{chat.id}"
    assert 'name="link_previews" value="open" checked' in alice.get(f"{address}/edit").text
    alice.submit(address, SETTINGS | {"link_previews": "always"}, method="PATCH")
    bob.submit(address, SETTINGS | {"link_previews": "never"}, method="PATCH")
    db.session.expire_all()
    assert chat.link_previews == "always" and chat.has_link_previews
    alice.submit(address, SETTINGS, method="PATCH")  # a page of the previous release
    db.session.expire_all()
    assert chat.link_previews == "always"
    assert alice.submit(address, SETTINGS | {"link_previews": "x"}, method="PATCH").status_code == 422


def test_a_new_chat_can_have_them_from_the_beginning(alice):
    answer = alice.submit("/chats", SETTINGS | {"link_previews": "always"})
    page = alice.get(f"{answer.location}/edit").text
    assert 'name="link_previews" value="always" checked' in page
