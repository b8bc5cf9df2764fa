"""Each attempt of a model has its figures, which outlive what they are about."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.jobs.replies import conversation_for, language_model
from chatapp.models import Chat, Figure, Message, Price
from chatapp.models.deletion import Deletion
from chatapp.models.reply import Reply
from tests.provider import Counted, Drip, Failure
from tests.visitors import start_over


@pytest.fixture
def chat(alice, bob) -> Chat:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.flush()
    chat.admit(bob.user)
    db.session.commit()
    return chat


@pytest.fixture
def question(chat, alice) -> Message:
    question = chat.post(alice.user, "How are you?")
    db.session.commit()
    return question


def figures() -> list[Figure]:
    start_over()
    return list(db.session.scalars(select(Figure).order_by(Figure.id)))


def numbers(figure) -> tuple[int, int, bool]:
    return figure.tokens_in, figure.tokens_out, figure.estimated


def test_an_answer_has_the_tokens_that_the_server_has_counted(app, alice, question, provider, work):
    provider.will(Counted("Fine.", 120, 30))
    work()
    [figure] = figures()
    assert numbers(figure) == (120, 30, False)
    assert (figure.message_id, figure.chat_id, figure.asker_id) == (question.reply.id, question.chat_id, alice.id)
    assert (figure.model, figure.purpose) == (app.config["ASSISTANT_MODEL"], "reply")
    assert figure.first_ms is not None and figure.took_ms >= figure.first_ms


def test_where_the_server_counts_nothing_we_guess_and_say_so(question, provider, work):
    provider.will("x" * 300)
    work()
    read, written, estimated = numbers(figures()[0])
    assert (written, estimated) == (100, True) and 30 < read < 200


def test_an_answer_keeps_the_price_of_its_day(app, question, provider, work, alice, chat):
    Price.set(app.config["ASSISTANT_MODEL"], 400_000, 1_600_000)
    db.session.commit()
    provider.will(Counted("Fine.", 1000, 500))
    work()
    Price.set(app.config["ASSISTANT_MODEL"], 800_000, 3_200_000)
    db.session.commit()
    alice.send(chat, "And now?")
    work()
    assert [figure.cost for figure in figures()] == [400 + 800, 2 * (400 + 800)]


def test_without_a_price_the_cost_is_not_known(question, provider, work):
    work()
    assert figures()[0].cost is None


def test_each_attempt_counts_and_whoever_asks_again_pays(alice, bob, question, provider, work):
    provider.will(Failure(401), Counted("Fine.", 120, 30))
    work()
    bob.turbo("POST", f"/messages/{question.reply.id}/retries")
    work()
    first, second = figures()
    assert (numbers(first), first.asker_id) == ((0, 0, False), alice.id)
    assert (numbers(second), second.asker_id) == ((120, 30, False), bob.id)
    assert first.message_id == second.message_id


def test_an_attempt_whose_job_dies_counts_by_an_estimate_of_what_was_sent(question):
    steps = Reply(question.reply, conversation_for(question), language_model()).steps()
    next(steps)
    db.session.commit()
    read, written, estimated = numbers(figures()[0])
    assert read > 0 and (written, estimated) == (0, True)


def test_an_answer_that_is_stopped_counts_as_far_as_it_came(question, provider, monkeypatch):
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will(Drip("word ", every=0.01))
    for number, _ in enumerate(Reply(question.reply, conversation_for(question), language_model()).steps()):
        db.session.commit()
        if number == 2:
            question.reply.stop()
            db.session.commit()
    assert figures()[0].tokens_out > 0 and figures()[0].took_ms is not None


def test_an_attempt_that_breaks_in_our_code_counts(question, provider, work, monkeypatch):
    monkeypatch.setattr("chatapp.models.passage.joined", lambda words, said: 1 / 0)
    work()
    assert question.reply.state == "failed" and figures()[0].took_ms is not None


def test_figures_stay_when_the_message_is_deleted(admin, chat, question, provider, work):
    work()
    question.reply.delete()
    db.session.commit()
    assert len(figures()) == 1


def test_of_a_deleted_chat_the_numbers_stay_and_nothing_else(chat, question, provider, work, monkeypatch):
    monkeypatch.setattr("chatapp.models.deletion.MESSAGES", 1)
    provider.will(Counted("Fine.", 120, 30))
    work()
    Deletion(chat).begin()
    db.session.commit()
    for _ in Deletion(chat).steps():
        db.session.commit()
    [figure] = figures()
    assert (figure.chat_id, figure.message_id, numbers(figure)) == (None, None, (120, 30, False))
    assert db.session.scalar(select(Message.id)) is None


def test_the_speed_is_that_of_the_writing():
    assert Figure(tokens_out=50, first_ms=500, took_ms=1500).speed == 50
    assert Figure(tokens_out=50, first_ms=None, took_ms=1500).speed is None
    assert Figure(tokens_out=50, first_ms=500, took_ms=500).speed is None
