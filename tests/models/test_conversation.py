import pytest

from chatapp.extensions import db
from chatapp.models import Conversation, Message, User
from chatapp.models.conversation import OVERHEAD, tokens


@pytest.fixture
def say(chat, alice):
    def say(content: str, author=None, **attributes) -> Message:
        message = Message(chat=chat, author=author or alice.user, content=content, **attributes)
        db.session.add(message)
        db.session.commit()
        return message

    return say


def told(question, budget: int = 1000, prompt: str = "Be brief.") -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in Conversation(question, prompt, budget).messages()]


def test_the_prompt_comes_first_and_the_question_last(say):
    say("One")
    say("Two", User.assistant())
    assert told(say("Three")) == [
        ("system", "Be brief."),
        ("user", "One"),
        ("assistant", "Two"),
        ("user", "Three"),
    ]


def test_what_was_said_after_the_question_is_not_told(say):
    question = say("Question")
    say("Later")
    assert told(question)[-1] == ("user", "Question")


def test_what_is_deleted_empty_or_unfinished_is_not_told(say):
    say("Deleted").delete()
    say("")
    say("Failed", User.assistant(), state="failed")
    say("Half", User.assistant(), state="generating")
    say("Stopped", User.assistant(), state="stopped")
    assert [content for _, content in told(say("Question"))] == [
        "Be brief.",
        "Failed",
        "Stopped",
        "Question",
    ]


def test_the_oldest_is_left_out_first_and_nothing_is_left_out_in_between(say):
    for content in ("Oldest", "x" * 3000, "Newest"):
        say(content)
    assert [content for _, content in told(say("Question"), budget=100)] == ["Be brief.", "Newest", "Question"]


@pytest.mark.parametrize("budget", [30, 100, 500, 1500])
@pytest.mark.parametrize("letter", ["x", "é", "字", "👩"])
def test_it_always_fits(say, budget, letter):
    for length in (10, 400, 3, 50, 900):
        say(letter * length)
    turns = told(say(letter * 2000), budget)
    spent = sum(tokens(content) + OVERHEAD for _, content in turns)
    assert spent <= max(budget, tokens("Be brief.") + 2 * OVERHEAD + 16)


def test_of_a_question_that_is_too_long_the_end_is_told(say):
    told_question = told(say("start " + "x" * 9000 + " end?"), budget=100)[-1][1]
    assert told_question.endswith("end?") and "start" not in told_question


def test_nothing_of_another_chat_is_told(say, alice, chat):
    other = type(chat).start(alice.user, "Other")
    other.post(alice.user, "Secret")
    db.session.commit()
    assert "Secret" not in str(told(say("Question")))


def test_tokens_are_rather_overestimated():
    assert tokens("") == 0 and tokens("a") == 1 and tokens("字" * 10) == 10


def test_a_reply_is_told_with_the_line_that_it_answers(say, alice):
    old = say("**The plan**\n\nhas two parts", User.assistant())
    assert told(say("Which?", quoted=old))[-1] == ("user", "> Assistant: The plan has two parts\n\nWhich?")


def test_of_what_is_quoted_the_model_is_told_a_bounded_part(say):
    words = told(say("Why?", quoted=say("x" * 9_000)), budget=5_000)[-1][1]
    assert words.endswith("\n\nWhy?") and len(words) < 450


def test_the_question_is_kept_rather_than_what_it_quotes(say):
    assert told(say("Why? " * 20, quoted=say("x" * 400)), budget=60)[-1][1].endswith("Why? ")


def test_of_what_was_deleted_the_model_is_told_nothing(say):
    quoted = say("Secret")
    reply = say("Why?", quoted=quoted)
    quoted.delete()
    db.session.commit()
    assert told(reply)[-1] == ("user", "Why?")
