"""How much one person may ask of the assistant."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from limits import parse_many

from chatapp.extensions import db, questions, queue
from chatapp.models import Chat, Message, User
from chatapp.models.asking import TOO_MANY, TOO_OFTEN, Asking
from tests.provider import Limited
from tests.queries import messages_of
from tests.visitors import start_over


@pytest.fixture
def chat(alice, bob) -> Chat:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.flush()
    chat.admit(bob.user)
    db.session.commit()
    return chat


@pytest.fixture
def two_per_hour(monkeypatch):
    monkeypatch.setattr(questions, "rates", parse_many("2 per hour"))


def replies(chat) -> list[Message]:
    start_over()
    return [message for message in messages_of(chat) if message.question_id]


def test_many_questions_of_one_person_leave_the_line_to_others(alice, bob, chat):
    for number in range(40):
        assert alice.send(chat, f"Question {number}").status_code == 201
    assert bob.send(chat, "Hello").status_code == 201
    assert len(queue.replies) == questions.at_once + 1
    assert replies(chat)[-1].state == "generating"


def test_a_refusal_stands_in_the_place_of_the_reply_and_the_message_is_kept(alice, bob, chat):
    for number in range(questions.at_once + 1):
        alice.send(chat, f"Question {number}")
    page = bob.get(f"/chats/{chat.id}").text
    assert f"Question {questions.at_once}" in page and page.count(TOO_MANY) == 1
    assert f'href="/messages/{replies(chat)[-1].id}/retries"' in page


def test_of_two_questions_at_once_in_two_chats_the_second_finds_the_room_of_the_first(app, alice, chat, monkeypatch):
    other = Chat.start(alice.user, "More questions", assistant="always")
    User.assistant()  # or the two would wait for each other's first question
    db.session.commit()
    both_have_looked, waiting = Barrier(2), Asking._waiting

    def look_together(asking) -> int:
        seen = waiting(asking)
        with suppress(BrokenBarrierError):  # where the other one waits for this one's lock
            both_have_looked.wait(1)
        return seen

    def ask(chat_id: int) -> None:
        with app.app_context():
            db.session.get(Chat, chat_id).post(db.session.get(User, alice.id), "Hello")
            db.session.commit()

    monkeypatch.setattr(Asking, "_waiting", look_together)
    monkeypatch.setattr(questions, "at_once", 1)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(ask, [chat.id, other.id]))
    assert sorted(reply.state for asked in (chat, other) for reply in replies(asked)) == ["failed", "generating"]


def test_who_was_refused_tries_again_when_there_is_room(alice, chat, provider, work):
    for number in range(questions.at_once + 1):
        alice.send(chat, f"Question {number}")
    refused = replies(chat)[-1]
    alice.turbo("POST", f"/messages/{refused.id}/retries")
    assert refused.failure == TOO_MANY
    work()
    alice.turbo("POST", f"/messages/{refused.id}/retries")
    work()
    assert {reply.state for reply in replies(chat)} == {"complete"}


def test_a_reply_that_is_stopped_makes_room(alice, chat):
    for number in range(questions.at_once):
        alice.send(chat, f"Question {number}")
    alice.turbo("POST", f"/messages/{replies(chat)[0].id}/stops")
    alice.send(chat, "One more")
    assert replies(chat)[-1].state == "generating"


def test_questions_have_a_rate_for_each_person(alice, bob, chat, provider, work, two_per_hour):
    for _ in range(3):
        alice.send(chat, "Hello")
        work()
    assert [reply.state for reply in replies(chat)] == ["complete", "complete", "failed"]
    assert replies(chat)[-1].failure == TOO_OFTEN
    bob.send(chat, "Hello")
    assert replies(chat)[-1].state == "generating"


def test_to_try_again_counts_as_a_question(alice, chat, provider, work, two_per_hour):
    alice.send(chat, "Hello")
    for _ in range(2):
        replies(chat)[-1].state = "failed"
        db.session.commit()
        alice.turbo("POST", f"/messages/{replies(chat)[-1].id}/retries")
        work()
    assert len(provider.requests) == 1 and replies(chat)[-1].failure == TOO_OFTEN


def test_what_was_cut_off_stays_so_when_going_on_is_refused(alice, chat, provider, work, two_per_hour):
    provider.will(Limited("Once upon a time"))
    alice.send(chat, "Tell me a story")
    work()
    for _ in range(2):
        alice.turbo("POST", f"/messages/{replies(chat)[-1].id}/continuations")
        work()
    assert (replies(chat)[-1].state, replies(chat)[-1].failure) == ("cut", TOO_OFTEN)
    assert "/continuations" in alice.get(f"/chats/{chat.id}").text


def test_messages_to_people_are_not_counted(alice, chat, two_per_hour):
    chat.assistant = "mentioned"
    db.session.commit()
    for _ in range(5):
        alice.send(chat, "Hello all")
    alice.send(chat, "Hello @assistant")
    assert replies(chat)[-1].state == "generating"


def test_who_has_others_questions_answered_again_has_a_limit_and_leaves_them_theirs(alice, bob, chat, provider, work):
    answered = []
    for _ in range(questions.at_once):
        other = Chat.start(alice.user, "Questions", assistant="always")
        db.session.flush()
        other.admit(bob.user)
        other.post(alice.user, "Hello")
        db.session.commit()
        work()
        answered.append(other.id)
    for id in answered:
        (reply,) = replies(db.session.get(Chat, id))
        bob.turbo("POST", f"/messages/{reply.id}/versions")
    bob.send(chat, "One more")
    assert replies(chat)[-1].failure == TOO_MANY
    alice.send(chat, "Mine")
    assert replies(chat)[-1].state == "generating"
