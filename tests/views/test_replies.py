"""Stopping a reply, and asking for it again."""

import pytest

from chatapp.extensions import db, queue
from chatapp.models import Message, User
from chatapp.turbo.testing import captured_broadcasts
from tests.visitors import start_over


@pytest.fixture
def reply(chat, alice) -> Message:
    """A reply of the assistant that is being written."""
    chat.assistant = "mentioned"
    question = chat.post(alice.user, "How are you?")
    reply = Message(chat=chat, author=User.assistant(), question=question, state="generating", content="I am")
    db.session.add(reply)
    db.session.commit()
    return reply


@pytest.fixture
def failed(reply) -> Message:
    reply.fail("The model is tired.")
    db.session.commit()
    return reply


def test_any_member_stops_a_reply(bob, reply):
    answer = bob.turbo("POST", f"/messages/{reply.id}/stops")
    assert answer.status_code == 201 and 'data-state="stopped"' in answer.text
    assert (reply.state, reply.content) == ("stopped", "I am")


def test_a_plain_form_stops_too(bob, chat, reply):
    answer = bob.submit(f"/messages/{reply.id}/stops")
    assert (answer.status_code, answer.location, reply.state) == (303, f"/chats/{chat.id}", "stopped")


@pytest.mark.parametrize("state", ["complete", "failed", "stopped"])
def test_stopping_what_has_ended_changes_nothing(bob, chat, reply, state):
    reply.state = state
    db.session.commit()
    before = chat.revision
    assert bob.turbo("POST", f"/messages/{reply.id}/stops").status_code == 201
    assert (reply.state, chat.revision) == (state, before)


def test_any_member_asks_again(bob, failed):
    answer = bob.turbo("POST", f"/messages/{failed.id}/retries")
    assert answer.status_code == 201 and 'data-state="generating"' in answer.text
    assert (failed.state, failed.content, failed.failure) == ("generating", "", None)
    assert len(queue.replies) == 1


def test_a_plain_form_asks_again_too(bob, chat, failed):
    answer = bob.submit(f"/messages/{failed.id}/retries")
    assert (answer.status_code, answer.location, failed.state) == (303, f"/chats/{chat.id}", "generating")


def test_asking_again_twice_is_one_job(alice, bob, failed):
    for visitor in (alice, bob):
        assert visitor.turbo("POST", f"/messages/{failed.id}/retries").status_code == 201
    assert len(queue.replies) == 1


def test_asking_again_for_what_a_person_wrote_changes_nothing(bob, chat, failed):
    before = chat.revision
    assert bob.turbo("POST", f"/messages/{failed.question_id}/retries").status_code == 201
    assert (chat.revision, len(queue.replies)) == (before, 0)


@pytest.mark.parametrize(("state", "verb"), [("failed", "retries"), ("stopped", "retries"), ("cut", "continuations")])
def test_once_the_question_is_deleted_neither_pages_nor_frames_offer_to_ask_again(bob, chat, reply, state, verb):
    reply.state = state
    db.session.commit()
    offer = f'href="/messages/{reply.id}/{verb}"'
    assert offer in bob.get(f"/chats/{chat.id}").text
    with captured_broadcasts(chat.stream_name) as broadcasts:
        reply.question.delete()
        db.session.commit()
    row = f'<article id="message_{reply.id}"'
    assert row in broadcasts[-1].html and offer not in broadcasts[-1].html
    start_over()
    page = bob.get(f"/chats/{chat.id}").text
    assert row in page and offer not in page
    assert article(broadcasts[-1].html, row) == article(page, row)


def article(html: str, start: str) -> str:
    return html[html.index(start) :].partition("</article>")[0]


@pytest.mark.parametrize(("state", "verb"), [("failed", "retries"), ("cut", "continuations")])
def test_asking_again_after_the_question_was_deleted_changes_nothing(bob, chat, reply, state, verb):
    reply.state = state
    reply.question.delete()
    db.session.commit()
    before = chat.revision
    assert bob.turbo("POST", f"/messages/{reply.id}/{verb}").status_code == 201
    assert (reply.state, chat.revision, len(queue.replies)) == (state, before, 0)


@pytest.mark.parametrize("verb", ["stops", "retries"])
def test_outsiders_neither_stop_nor_ask_again(charlie, removed, anonymous, reply, verb):
    for visitor, status in ((charlie, 404), (removed, 404), (anonymous, 401)):
        assert visitor.turbo("POST", f"/messages/{reply.id}/{verb}").status_code == status
    assert (reply.state, len(queue.replies)) == ("generating", 0)


@pytest.mark.parametrize("verb", ["stops", "retries"])
def test_the_link_without_scripts_leads_to_a_form(bob, reply, verb):
    page = bob.get(f"/messages/{reply.id}/{verb}").text
    assert f'action="/messages/{reply.id}/{verb}" method="post"' in page


def test_a_reply_that_was_deleted_while_it_was_written_is_not_asked_for_again(chat, alice):
    question = chat.post(alice.user, "Why?")
    reply = Message(chat=chat, author=User.assistant(), question=question, state="generating")
    db.session.add(reply)
    db.session.commit()
    reply.delete()
    db.session.commit()
    assert db.session.scalars(Message.abandoned()).all() == []
