"""What the search finds, the same on both databases, and for nobody what that person may not read."""

import pytest

from chatapp.extensions import db
from chatapp.models import Chat, Message
from chatapp.models.search import Search
from chatapp.models.search_text import SearchText, fill


def say(chat, author, content: str) -> Message:
    message = chat.post(author, content)
    db.session.commit()
    return message


def found(visitor, typed: str, **options) -> list[str]:
    return [message.content for message in Search(visitor.user, typed).newest(**options)[0]]


def test_messages_with_all_the_words_are_found_newest_first(alice, bob, chat):
    for text in ("red apple", "green apple", "an apple, red as a fox", "red fox"):
        say(chat, bob.user, text)
    assert found(alice, "apple red") == ["an apple, red as a fox", "red apple"]
    assert found(alice, "apple blue") == []
    assert found(alice, "fo") == [] and found(alice, "fox") == ["red fox", "an apple, red as a fox"]
    assert found(alice, 'from:bob in:plans "red fox"') == ["red fox"]
    assert found(alice, "before:2030-01-01 red")
