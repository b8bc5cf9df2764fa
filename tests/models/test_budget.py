"""Budgets of people and of the whole place."""

import pytest

from chatapp.extensions import db
from chatapp.models import Budget, Chat, Figure, Message, Price
from chatapp.models.budget import MONEY, PROMISED, TOKENS, USED_UP
from chatapp.models.figure import day_of
from chatapp.models.mixins.timestamps import now
from tests.provider import Counted
from tests.queries import messages_of
from tests.visitors import start_over

FREE = {"person_day": None, "place_day": None, "place_month": None}


@pytest.fixture
def chat(alice, bob) -> Chat:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.flush()
    chat.admit(bob.user)
    db.session.commit()
    return chat


def decide(unit: str = TOKENS, **limits) -> None:
    Budget.decide("USD", unit, **(FREE | limits))
    db.session.commit()


def spend(visitor, tokens: int = 0, cost: int | None = None, day: str | None = None) -> None:
    db.session.add(
        Figure(asker_id=visitor.id, model="small", tokens_in=tokens, tokens_out=0, cost=cost, day=day or day_of(now()))
    )
    db.session.commit()


def refusal(visitor) -> str | None:
    start_over()
    return Budget.now().refusal(visitor.user)


def replies(chat) -> list[Message]:
    start_over()
    return [message for message in messages_of(chat) if message.question_id]


def test_without_a_decision_nobody_is_refused(alice):
    spend(alice, 10**9, cost=10**12)
    assert refusal(alice) is None


def test_the_budget_of_a_person_is_used_up_for_that_person_alone(alice, bob):
    decide(person_day=1000)
    spend(alice, 999)
    assert refusal(alice) is None
    spend(alice, 1)
    assert refusal(alice) == USED_UP["person_day"] and refusal(bob) is None


def test_the_next_day_has_a_budget_of_its_own(alice):
    decide(person_day=1000, place_day=1000)
    spend(alice, 5000, day="2020-01-31")
    assert refusal(alice) is None


def test_the_budgets_of_the_place_hold_for_everybody(alice, bob):
    decide(place_day=1000)
    spend(alice, 1000)
    assert refusal(bob) == USED_UP["place_day"]
    decide(place_month=1000)
    assert refusal(bob) == USED_UP["place_month"]
    decide(place_month=1001)
    assert refusal(bob) is None


def test_a_budget_in_money_counts_what_was_paid(alice):
    decide(MONEY, person_day=1_000_000)
    spend(alice, 10**6, cost=None)
    spend(alice, 10, cost=999_999)
    assert refusal(alice) is None
    spend(alice, 10, cost=1)
    assert refusal(alice) == USED_UP["person_day"]


def test_a_budget_of_nothing_lets_nobody_ask(alice):
    decide(person_day=0)
    assert refusal(alice) == USED_UP["person_day"]


def test_the_message_is_sent_all_the_same_and_says_when_the_assistant_answers_again(alice, chat, provider, work):
    decide(person_day=1000)
    spend(alice, 1000)
    assert alice.send(chat, "How are you?").status_code == 201
    work()
    [reply] = replies(chat)
    assert (reply.state, reply.failure) == (
        "failed",
        "Your budget for today is used up. It starts again at midnight (UTC).",
    )
    assert provider.requests == [] and "How are you?" in alice.get(f"/chats/{chat.id}").text


def test_to_ask_again_is_checked_too_and_works_when_there_is_a_budget_again(alice, chat, provider, work):
    decide(person_day=1000)
    spend(alice, 1000)
    alice.send(chat, "How are you?")
    retry = f"/messages/{replies(chat)[0].id}/retries"
    alice.turbo("POST", retry)
    assert replies(chat)[0].failure == USED_UP["person_day"]
    decide(person_day=5000)
    alice.turbo("POST", retry)
    work()
    assert replies(chat)[0].state == "complete"


def test_many_questions_at_once_do_not_spend_far_more_than_there_is(alice, chat, provider, work):
    """Each takes 400 of 1,000. What is being answered counts by the largest of the newest answers."""
    decide(person_day=1000)
    spend(alice, 400, day="2020-01-31")
    for number in range(5):
        alice.send(chat, f"Question {number}")
    assert [reply.failure for reply in replies(chat)] == [None, None, None, PROMISED, PROMISED]
    provider.will(Counted("Fine.", 300, 100))
    work()
    alice.send(chat, "One more")
    assert replies(chat)[-1].failure == USED_UP["person_day"]


def test_questions_of_others_do_not_count_for_one_s_own_budget(alice, bob, chat):
    decide(person_day=1000)
    spend(alice, 600, day="2020-01-31")
    for number in range(2):
        alice.send(chat, f"Question {number}")
    assert refusal(alice) == PROMISED and refusal(bob) is None


def test_a_price_can_be_set_anew(app):
    for price in (1, 2):
        Price.set("small", price, 0)
        db.session.commit()
    assert [(price.model, price.tokens_in) for price in Price.all()] == [("small", 2)]


def test_a_part_of_a_millionth_is_rounded_up():
    assert Price(tokens_in=400_000, tokens_out=0).cost(1, 0) == 1
    assert Price(tokens_in=0, tokens_out=0).cost(10**8, 10**8) == 0
