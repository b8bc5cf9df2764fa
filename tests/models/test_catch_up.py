"""When somebody is offered a summary, and what asking for one does."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db, questions, queue
from chatapp.models import Budget, Chat, ListedChat, Message, Summary
from chatapp.models.asking import TOO_MANY
from chatapp.models.budget import TOKENS, USED_UP
from chatapp.models.catch_up import CatchUp
from chatapp.models.mixins.timestamps import now
from chatapp.models.opening import FEW, MOST, Opening
from chatapp.models.summary import LOST, OVERDUE
from tests.queries import messages_of
from tests.visitors import start_over


@pytest.fixture
def chat(chat) -> Chat:
    chat.assistant = "mentioned"
    db.session.commit()
    return chat


def say(chat, author, count: int) -> None:
    for number in range(count):
        chat.post(author.user, f"Number {number}")
    db.session.commit()


def opening(chat, visitor) -> Opening:
    start_over()
    return Opening(chat, visitor.user)


def ask(chat, visitor, after_id: int = 0) -> Summary:
    CatchUp(chat, visitor.user).ask(after_id)
    db.session.commit()
    return Summary.known(visitor.user, chat)


def test_more_than_twenty_unread_messages_are_worth_an_offer(alice, bob, chat):
    say(chat, alice, FEW)
    assert not opening(chat, bob).offers_summary
    say(chat, alice, 1)
    assert opening(chat, bob).offers_summary and opening(chat, bob).unread_words == "21"
    assert not opening(chat, alice).offers_summary


def test_one_s_own_messages_and_deleted_ones_do_not_count(alice, bob, chat):
    say(chat, alice, FEW + 1)
    say(chat, bob, 5)
    assert opening(chat, bob).unread == FEW + 1
    db.session.scalars(select(Message).order_by(Message.id).limit(1)).one().delete()
    db.session.commit()
    assert not opening(chat, bob).offers_summary


def test_what_was_read_is_not_offered(alice, bob, chat):
    say(chat, alice, FEW + 1)
    ListedChat.locked(bob.user, chat).read(db.session.scalar(select(func.max(Message.id))))
    db.session.commit()
    assert not opening(chat, bob).offers_summary


def test_a_chat_for_people_only_is_never_given_to_the_assistant(alice, bob, chat):
    chat.assistant = "never"
    say(chat, alice, FEW + 1)
    assert not opening(chat, bob).offers_summary
    assert ask(chat, bob) is None and len(queue.rq) == 0


def test_who_never_listed_the_chat_is_offered_nothing(charlie, alice, chat):
    say(chat, alice, FEW + 1)
    assert not opening(chat, charlie).offers_summary and opening(chat, charlie).summary is None


def test_many_messages_are_many(alice, bob, chat, monkeypatch):
    monkeypatch.setattr("chatapp.models.opening.MOST", FEW + 5)
    say(chat, alice, FEW + 9)
    assert opening(chat, bob).unread_words == f"{FEW + 5}+"
    assert MOST > FEW


def test_a_summary_is_asked_for_once(alice, bob, chat):
    say(chat, alice, FEW + 1)
    for _ in range(3):
        summary = ask(chat, bob)
    assert (summary.state, summary.attempt, len(queue.rq)) == ("waiting", 1, 1)
    assert opening(chat, bob).summary is not None and opening(chat, alice).summary is None


def test_few_messages_are_not_summed_up_whatever_a_form_says(alice, bob, chat):
    say(chat, alice, FEW)
    assert ask(chat, bob, after_id=0) is None and len(queue.rq) == 0


def test_a_summary_counts_as_a_question(alice, bob, chat, monkeypatch):
    monkeypatch.setattr(questions, "at_once", 1)
    say(chat, alice, FEW + 1)
    chat.post(bob.user, "Hello @assistant")
    db.session.commit()
    summary = ask(chat, bob)
    assert (summary.state, summary.trouble) == ("failed", TOO_MANY)


def test_a_running_summary_makes_a_question_wait(alice, bob, chat, monkeypatch):
    monkeypatch.setattr(questions, "at_once", 1)
    say(chat, alice, FEW + 1)
    ask(chat, bob)
    chat.post(bob.user, "Hello @assistant")
    db.session.commit()
    assert messages_of(chat)[-1].failure == TOO_MANY


def test_a_budget_that_is_used_up_is_said_in_place_of_the_summary(alice, bob, chat):
    Budget.decide("", TOKENS, person_day=0, place_day=None, place_month=None)
    say(chat, alice, FEW + 1)
    assert ask(chat, bob).trouble == USED_UP["person_day"]


def test_what_was_dismissed_is_not_offered_again_until_much_more_was_said(alice, bob, chat):
    say(chat, alice, FEW + 1)
    CatchUp(chat, bob.user).dismiss()
    db.session.commit()
    assert opening(chat, bob).summary is None and not opening(chat, bob).offers_summary
    say(chat, alice, FEW)
    assert not opening(chat, bob).offers_summary
    say(chat, alice, 1)
    assert opening(chat, bob).offers_summary and opening(chat, bob).unread == FEW + 1


def test_a_summary_that_nobody_writes_can_be_asked_for_again(alice, bob, chat):
    say(chat, alice, FEW + 1)
    summary = ask(chat, bob)
    summary.asked_at = now() - OVERDUE - timedelta(seconds=1)
    db.session.commit()
    assert (summary.is_running, summary.trouble) == (False, LOST)
    assert (ask(chat, bob).attempt, summary.is_running) == (2, True)


def test_who_leaves_the_chat_has_no_summary_any_more(alice, bob, chat):
    say(chat, alice, FEW + 1)
    ask(chat, bob)
    chat.dismiss(chat.membership_of(bob.user))
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Summary)) == 0
    chat.admit(bob.user)
    db.session.commit()
    assert opening(chat, bob).summary is None
