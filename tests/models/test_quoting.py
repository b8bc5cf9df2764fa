"""A message that quotes another one: what it shows, what the quoted one counts, and what an edit of that one costs."""

import re

import pytest
from sqlalchemy import insert

from chatapp.extensions import db
from chatapp.models import Chat, Message, User
from chatapp.models.mixins.quoting import COUNTED
from chatapp.turbo.testing import captured_broadcasts
from tests.queries import statements


@pytest.fixture
def quote(chat, bob):
    """``quote(message, "Yes")`` is Bob's message that quotes another one."""

    def quote(quoted: Message, content: str) -> Message:
        message = chat.post(bob.user, content, quoted=quoted)
        db.session.commit()
        return message

    return quote


def quote_in(html: str) -> str:
    """The quote in a message's HTML, as people read it."""
    found = re.search(r'<a class="quote .*?</a>', html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", found[0]).split()) if found else ""


def fragments(frame) -> list[tuple[str, str]]:
    return re.findall(r'<turbo-stream action="(\w+)" targets?="([^"]+)">', frame.html)


def test_a_message_shows_who_wrote_what_it_quotes_and_the_first_line(message, quote):
    message.edit("**Hello** all\n\n" + "word " * 100)
    shown = quote_in(quote(message, "Yes").to_html())
    assert shown.startswith("In reply to AliceYou: Hello all word") and shown.endswith("…")
    assert len(shown) < 150


def test_an_edit_shows_in_all_quotes_by_one_fragment(chat, message, quote):
    replies = [quote(message, f"Reply {number}") for number in range(3)]
    with captured_broadcasts(chat.stream_name) as broadcasts:
        message.edit("Goodbye")
        db.session.commit()
    (frame,) = broadcasts
    assert fragments(frame) == [("replace", f"message_{message.id}"), ("replace", f".quote_message_{message.id}")]
    renewed = re.search(r'targets="[^"]+"><template>(.*?)</template>', frame.html, re.DOTALL)[1]
    assert all(renewed in reply.to_html() for reply in replies)


def test_what_nobody_quotes_is_announced_without_quotes(chat, message):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        message.edit("Goodbye")
        db.session.commit()
    assert fragments(broadcasts[0]) == [("replace", f"message_{message.id}")]


def test_an_edit_costs_the_same_however_many_messages_quote_it(chat, message, quote, bob):
    quote(message, "Yes")
    few = cost_of_edit(chat, message, "Goodbye")
    row = {"chat_id": chat.id, "author_id": bob.id, "content": "Yes", "quoted_id": message.id}
    db.session.execute(insert(Message), [row] * 1000)
    db.session.commit()
    assert cost_of_edit(chat, message, "Hello, all") == few


def cost_of_edit(chat: Chat, message: Message, content: str) -> tuple[int, list]:
    """The statements and the fragments."""
    with captured_broadcasts(chat.stream_name) as broadcasts, statements() as seen:
        message.edit(content)
        db.session.commit()
    return len(seen), fragments(broadcasts[0])


def test_a_deleted_message_leaves_none_of_its_words_in_quotes(chat, message, quote):
    reply = quote(message, "Yes")
    with captured_broadcasts(chat.stream_name) as broadcasts:
        message.delete()
        db.session.commit()
    expected = [("remove", f"message_{message.id}"), ("replace", f".quote_message_{message.id}")]
    assert fragments(broadcasts[0]) == expected
    assert quote_in(reply.to_html()) == "In reply to Deleted message"
    assert "Hello" not in reply.to_html() and "Alice" not in reply.to_html()


def test_what_was_deleted_while_somebody_answered_it_is_quoted_all_the_same(message, quote):
    message.delete()
    db.session.commit()
    assert quote_in(quote(message, "Too late").to_html()) == "In reply to Deleted message"


def test_a_page_that_was_away_gets_the_quotes_of_what_changed(chat, message, quote):
    quote(message, "Yes")
    cursor = chat.revision
    message.edit("Goodbye")
    db.session.commit()
    assert fragments(chat.catch_up(cursor, db.session))[-1] == ("replace", f".quote_message_{message.id}")


def test_replies_are_counted_as_they_come_and_go(chat, message, quote):
    assert "thread__link" not in message.to_html()
    with captured_broadcasts(chat.stream_name) as broadcasts:
        first, second = quote(message, "One"), quote(message, "Two")
    assert "1 reply" in broadcasts[0].html and "2 replies" in broadcasts[1].html
    with captured_broadcasts(chat.stream_name) as broadcasts:
        second.delete()
        db.session.commit()
    assert "1 reply" in broadcasts[0].html
    first.delete()
    db.session.commit()
    assert "thread__link" not in message.to_html()


def test_a_very_long_thread_is_not_counted_to_its_end(chat, message, bob):
    row = {"chat_id": chat.id, "author_id": bob.id, "content": "Yes", "quoted_id": message.id}
    db.session.execute(insert(Message), [row] * (COUNTED + 5))
    db.session.commit()
    db.session.refresh(message)
    assert (message.quotes_count, message.thread_words) == (COUNTED, "99+ replies")
    newest, older = message.quoting(10)
    assert older and [reply.id for reply in newest] == sorted(reply.id for reply in newest) and len(newest) == 10


def test_the_quote_in_a_new_message_is_as_new_as_what_it_quotes(chat, message, quote):
    """The new message and the new number of replies come in one frame, in either order."""
    with captured_broadcasts(chat.stream_name) as broadcasts:
        quote(message, "Yes")
    revisions = re.findall(r'class="quote [^>]*data-revision="(\d+)"', broadcasts[0].html)
    assert revisions == [str(broadcasts[0].revision)] * 2


def test_a_quote_of_a_growing_reply_grows_with_it(chat, message, quote):
    reply = Message(chat=chat, author=User.assistant(), question=message, state="generating")
    db.session.add(reply)
    db.session.commit()
    quoting = quote(reply, "Faster")
    assert quote_in(quoting.to_html()) == "In reply to AssistantYou: …"
    with captured_broadcasts(chat.stream_name) as broadcasts:
        reply.write("It is")
        db.session.commit()
    assert quote_in(broadcasts[0].html) == "In reply to AssistantYou: It is"


def test_a_message_of_another_chat_is_not_quoted(alice, chat, message):
    other = Chat.start(alice.user, "Other", assistant="never")
    db.session.flush()
    with pytest.raises(ValueError, match="its own chat"):
        other.post(alice.user, "Hello", quoted=message)
    assert Message.quotable(other, message.id) is None and Message.quotable(chat, message.id) == message


def test_a_page_of_quotes_takes_no_query_more_than_a_page_without(nothing_remembered, alice, chat, message, quote):
    alice.get(f"/chats/{chat.id}")
    with statements() as without:
        alice.get(f"/chats/{chat.id}")
    for number in range(10):
        quote(message, f"Reply {number}")
    with statements() as with_quotes:
        alice.get(f"/chats/{chat.id}")
    assert len(with_quotes) <= len(without)
