"""What an assistant has read for an answer."""

import pytest

from chatapp.extensions import db
from chatapp.models import Chat, Conversation, Message, Reading
from tests.visitors import start_over


@pytest.fixture
def question(alice, bob, provider, work) -> Message:
    chat = Chat.start(alice.user, "Plans", assistant="mentioned")
    db.session.flush()
    chat.admit(bob.user)
    chat.post(bob.user, "Before")
    question = chat.post(alice.user, "@assistant hello")
    db.session.commit()
    work()
    return question


def path(question) -> str:
    start_over()
    return f"/messages/{question.reply.id}/reading"


def test_members_see_how_much_was_read_and_where_it_begins(alice, bob, question):
    for visitor in (alice, bob):
        page = visitor.get(path(question)).text
        assert "Read the last 2 messages. There was nothing before that." in page
        assert f'href="/messages/{question.id - 1}"' in page
    assert f'href="/messages/{question.reply.id}/reading"' in alice.get(f"/messages/{question.reply.id}/actions").text


def test_outsiders_and_those_who_were_removed_see_nothing(charlie, alice, bob, question):
    assert charlie.get(path(question)).status_code == 404
    chat = question.chat
    chat.dismiss(chat.membership_of(bob.user))
    db.session.commit()
    assert bob.get(path(question)).status_code == 404


def test_a_message_of_a_person_was_made_from_nothing(alice, question):
    assert alice.get(f"/messages/{question.id}/reading").status_code == 404


def test_a_first_message_that_is_gone_is_no_link(alice, question):
    db.session.get(Message, question.id - 1).delete()
    db.session.commit()
    page = alice.get(path(question)).text
    assert "Read the last 2 messages" in page and "Go to the first" not in page


def test_of_an_answer_from_before_nothing_is_noted(alice, question):
    db.session.delete(Reading.of(question.reply))
    db.session.commit()
    assert "Nothing is noted about this answer." in alice.get(path(question)).text


@pytest.mark.parametrize(
    ("read", "left_out", "words"),
    [
        (1, 0, "Read the question. There was nothing before that."),
        (1, 1, "Read the question. The one before that was left out."),
        (14, 20, "Read the last 14 messages. The 20 before that were left out."),
        (200, 1_000, "Read the last 200 messages. 1,000 or more before that were left out."),
    ],
)
def test_it_is_said_in_words(read, left_out, words):
    assert Reading(message_id=1, first_id=1, read_count=read, left_out=left_out).words == words


@pytest.mark.parametrize(
    ("read", "files", "pictures", "words"),
    [
        (1, 0, 0, ""),
        (1, 1, 0, "It was given 1 text file with it."),
        (3, 2, 1, "It was given 2 text files and 1 picture with them."),
    ],
)
def test_it_is_said_what_came_with_it(read, files, pictures, words):
    assert Reading(read_count=read, files=files, pictures=pictures).file_words == words


def test_what_is_said_to_be_read_is_what_the_model_gets(alice, app):
    chat = Chat.start(alice.user, "Plans", assistant="never")
    db.session.flush()
    said = [chat.post(alice.user, f"{number} " + "x" * 300) for number in range(12)]
    said[3].delete()
    db.session.flush()
    conversation = Conversation(said[-1], "Prompt", 500)
    turns = conversation.messages()[1:]
    assert len(turns) == conversation.read_count and turns[0]["content"] == said[12 - len(turns)].content
    assert conversation.first_id == said[12 - len(turns)].id
    assert conversation.left_out == 11 - len(turns)  # without the deleted one
