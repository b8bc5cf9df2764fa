"""Chats in which only managers write, and what a chat says of itself."""

import pytest

from chatapp.extensions import db, queue
from chatapp.models import Chat, Message, User
from chatapp.turbo.testing import captured_broadcasts

SETTINGS = {"title": "News", "kind": "closed", "assistant": "never"}
WHY = "Only the managers of this chat write in it."


def change(visitor, chat, **settings):
    return visitor.submit(f"/chats/{chat.id}", SETTINGS | settings, method="PATCH")


@pytest.fixture
def announcements(bob, chat) -> Chat:
    """With a message of Bob's from before."""
    chat.post(bob.user, "From before")
    chat.writers = "managers"
    db.session.commit()
    return chat


@pytest.fixture
def message(announcements) -> Message:
    return db.session.query(Message).filter_by(content="From before").one()


def test_only_managers_write_and_the_others_are_told_why(alice, bob, announcements):
    answer = bob.send(announcements, "Me too")
    assert (answer.status_code, answer.mimetype) == (403, "text/plain") and answer.text.startswith(WHY)
    assert WHY in bob.submit(f"/chats/{announcements.id}/messages", {"content": "Me too"}).text
    assert alice.send(announcements, "News").status_code == 201
    page = alice.get(f"/chats/{announcements.id}").text
    assert "Me too" not in page and "News" in page


def test_administrators_and_new_managers_write(alice, bob, admin, announcements):
    announcements.admit(admin.user)
    db.session.commit()
    assert admin.send(announcements, "From the office").status_code == 201
    alice.submit(f"/chats/{announcements.id}/managers", {"manager": str(bob.id)})
    assert bob.send(announcements, "Thanks").status_code == 201


def test_who_reads_an_open_one_neither_writes_nor_comes_in_by_trying(charlie, announcements):
    announcements.kind = "open"
    db.session.commit()
    assert charlie.send(announcements, "Hello").status_code == 403
    assert announcements.membership_of(charlie.user) is None


def test_what_landed_before_is_still_confirmed_to_who_asks_again(alice, bob, chat):
    first = bob.send(chat, "Just in time", client_id="just-in-time")
    change(alice, chat, writers="managers")
    again = bob.send(chat, "Just in time", client_id="just-in-time")
    assert (first.status_code, again.status_code) == (201, 201)


def test_the_others_react_and_delete_and_do_nothing_else(bob, announcements, message):
    path = f"/messages/{message.id}"
    assert bob.turbo("PATCH", path, {"content": "Changed"}).status_code == 403
    assert bob.get(f"{path}/edit").status_code == 403
    assert bob.turbo("POST", f"{path}/pins").status_code == bob.turbo("DELETE", f"{path}/pin").status_code == 403
    assert bob.turbo("POST", f"/chats/{announcements.id}/typing").status_code == 403
    assert "Unpin" not in bob.get(f"/chats/{announcements.id}/pins").text
    assert WHY in bob.get(f"{path}/replies").text
    assert bob.turbo("POST", f"{path}/reactions", {"emoji": "👍"}).status_code == 201
    assert message.content == "From before"
    assert bob.turbo("DELETE", path).status_code == 200


def test_the_others_do_not_have_the_assistant_write_again(bob, announcements, message):
    reply = Message(chat=announcements, author=User.assistant(), question=message, state="failed", content="I am")
    db.session.add(reply)
    db.session.commit()
    queued = len(queue.replies)
    assert bob.turbo("POST", f"/messages/{reply.id}/retries").status_code == 403
    assert reply.state == "failed" and len(queue.replies) == queued


def test_only_those_who_write_stop_an_answer(alice, bob, announcements, message):
    reply = Message(chat=announcements, author=User.assistant(), question=message, state="generating", content="I am")
    db.session.add(reply)
    db.session.commit()
    assert bob.turbo("POST", f"/messages/{reply.id}/stops").status_code == 403
    assert reply.state == "generating"
    assert alice.turbo("POST", f"/messages/{reply.id}/stops").status_code == 201
    assert reply.state == "stopped"


def test_it_is_live_in_the_header_which_says_so(alice, chat):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        change(alice, chat, writers="managers")
        change(alice, chat, writers="everyone")
    assert [" data-read-only" in one.html and "Only managers write" in one.html for one in broadcasts] == [True, False]


def test_the_standing_of_a_person_says_who_manages(alice, bob, announcements):
    assert " data-member data-manager hidden" in alice.get(f"/chats/{announcements.id}").text
    assert " data-member hidden" in bob.get(f"/chats/{announcements.id}").text


def test_only_managers_decide_who_writes(bob, announcements):
    assert change(bob, announcements, writers="everyone").status_code == 303
    assert announcements.writers == "managers" and announcements.title == "News"


def test_a_form_of_an_earlier_page_leaves_what_it_does_not_know(alice, announcements):
    announcements.description = "What is new"
    db.session.commit()
    change(alice, announcements)
    assert (announcements.writers, announcements.description) == ("managers", "What is new")


def test_a_form_that_nobody_can_send_is_refused(alice, chat):
    assert change(alice, chat, writers="nobody").status_code == 422
    assert chat.writers == "everyone"


# The description


def test_every_member_describes_the_chat_and_it_is_live_under_the_title(bob, chat):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        change(bob, chat, description=" What  we\nare up to <b> ")
    assert chat.description == "What we are up to <b>"
    assert len(broadcasts) == 1 and "What we are up to &lt;b&gt;</p>" in broadcasts[0].html
    for path in ("", "/edit", "/members"):
        assert "What we are up to &lt;b&gt;" in bob.get(f"/chats/{chat.id}{path}").text
    change(bob, chat, description="")
    assert "chat__description" not in bob.get(f"/chats/{chat.id}").text


def test_too_long_a_description_comes_back_with_a_reason(alice, chat):
    answer = change(alice, chat, description="x" * 301)
    assert answer.status_code == 422 and "x" * 301 in answer.text and "field__errors" in answer.text
    assert chat.description == ""


def test_a_chat_begins_with_a_description_and_its_writers(alice):
    alice.submit("/chats", {"title": "News", "description": "All that is new", "writers": "managers"})
    chat = db.session.query(Chat).one()
    assert (chat.description, chat.writers) == ("All that is new", "managers")


def test_an_open_chat_is_offered_with_its_description(alice, charlie):
    Chat.start(alice.user, "For all", kind="open", description="Come and see")
    db.session.commit()
    assert "Come and see" in charlie.get("/").text
