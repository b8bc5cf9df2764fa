"""A model finds a title for a chat that nobody has named, after its first answer."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Budget, Chat, Figure
from chatapp.models.budget import TOKENS
from chatapp.models.titling import PROMPT, cleaned
from tests.provider import Counted, Cut, Failure
from tests.queries import messages_of
from tests.visitors import start_over

QUESTION = "Could you tell me how I bake a cake without any eggs?"


@pytest.fixture
def chat(alice) -> Chat:
    chat = Chat.start(alice.user)
    db.session.commit()
    return chat


def title(chat) -> str:
    start_over()
    return chat.title


def test_the_first_answer_brings_a_title(alice, chat, provider, work):
    provider.will("With apple sauce.", "Baking without eggs", "Yes.")
    alice.send(chat, QUESTION)
    assert title(chat) == QUESTION
    work()
    assert title(chat) == "Baking without eggs"
    asked = provider.requests[1]["messages"]
    assert asked == [
        {"role": "system", "content": PROMPT},
        {"role": "user", "content": f"{QUESTION}\n\nWith apple sauce."},
    ]
    alice.send(chat, "Really?")
    work()
    assert len(provider.requests) == 3 and title(chat) == "Baking without eggs"


def test_what_a_title_takes_is_counted_for_whoever_asked(alice, chat, provider, work):
    provider.will("With apple sauce.", Counted("Baking without eggs", 200, 5))
    alice.send(chat, QUESTION)
    work()
    figure = db.session.scalars(select(Figure).filter_by(purpose="title")).one()
    assert (figure.asker_id, figure.chat_id, figure.message_id) == (alice.id, chat.id, None)
    assert (figure.tokens_in, figure.tokens_out, figure.estimated) == (200, 5, False)


def test_a_budget_that_the_answer_has_used_up_pays_for_no_title(alice, chat, provider, work):
    Budget.decide("USD", TOKENS, person_day=10, place_day=None, place_month=None)
    db.session.commit()
    provider.will("With apple sauce.", "Baking without eggs")
    alice.send(chat, QUESTION)
    work()
    assert title(chat) == QUESTION and len(provider.requests) == 1


def test_a_title_that_a_person_has_given_stays(alice, provider, work):
    chat = Chat.start(alice.user, "Cakes")
    db.session.commit()
    provider.will("With apple sauce.", "Baking without eggs")
    alice.send(chat, QUESTION)
    work()
    assert title(chat) == "Cakes" and len(provider.requests) == 1


def test_a_title_that_is_given_while_the_model_thinks_stays(alice, chat, provider, work, monkeypatch):
    from chatapp.jobs import titles

    def named_meanwhile(model, asked):
        alice.submit(f"/chats/{chat.id}", {"title": "Cakes", "kind": "closed", "assistant": "always"}, method="PATCH")
        return "Baking without eggs"

    monkeypatch.setattr(titles, "answer", named_meanwhile)
    alice.send(chat, QUESTION)
    work()
    assert title(chat) == "Cakes"


@pytest.mark.parametrize("behaviour", [Failure(500), Failure(401), Cut("Bak"), "", "***", "\u200b"])
def test_where_the_model_finds_none_the_chat_keeps_its_title(alice, chat, provider, work, behaviour):
    provider.will("With apple sauce.", behaviour)
    alice.send(chat, QUESTION)
    work()
    assert title(chat) == QUESTION
    page = alice.get(f"/chats/{chat.id}").text
    assert "message__note--failed" not in page


def test_very_small_models_are_not_asked(alice, app, chat, provider, work, monkeypatch):
    monkeypatch.setitem(app.config, "ASSISTANT_MODEL", "smollm2")
    alice.send(chat, QUESTION)
    work()
    assert len(provider.requests) == 1 and title(chat) == QUESTION


def test_a_deleted_answer_or_chat_gets_none(alice, chat, provider, work):
    alice.send(chat, QUESTION)
    work_once = provider.requests
    messages_of(chat)[-1].delete()
    db.session.commit()
    work()
    assert len(work_once) <= 1 and title(chat) == QUESTION


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Baking without eggs", "Baking without eggs"),
        ("**Title:** “Baking without eggs.”\n\nI chose this because", "Baking without eggs"),
        ("<think>A cake?\nHm.</think>\n\nBaking", "Baking"),
        ("<think>A cake?", ""),
        ("# Baking", "Baking"),
        ("Eggs\0 and \ud800 milk", "Eggs and \ufffd milk"),
        ("", ""),
        ("  \n ", ""),
        ("word " * 50, "word word word word word word word word word word word word…"),
    ],
)
def test_a_title_is_one_line_of_plain_words(words, found):
    assert cleaned(words) == found
