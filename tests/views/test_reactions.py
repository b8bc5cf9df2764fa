"""Reacting to messages, and taking it back, over HTTP."""

import re
from urllib.parse import quote

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, Message, Reaction
from chatapp.models.mixins.reactable import DIFFERENT, EACH
from tests.queries import statements


def react(visitor, message, emoji: str | None = "👍"):
    return visitor.turbo("POST", f"/messages/{message.id}/reactions", {"emoji": emoji} if emoji is not None else {})


def withdraw(visitor, message, emoji: str = "👍"):
    return visitor.turbo("DELETE", f"/messages/{message.id}/reactions/{quote(emoji)}")


def reactions() -> list[tuple[str, str]]:
    return sorted((reaction.user.name, reaction.emoji) for reaction in db.session.scalars(select(Reaction)))


def test_a_reaction_is_answered_by_the_fragment_that_everybody_gets(bob, message):
    answer = react(bob, message)
    assert answer.status_code == 201 and answer.mimetype == "text/vnd.turbo-stream.html"
    assert f'data-user-ids="{bob.id}" title="Bob: thumbs up"' in answer.text and "csrf" not in answer.text
    assert reactions() == [("Bob", "👍")]


def test_a_reaction_can_be_taken_back(alice, bob, message):
    react(alice, message), react(bob, message)
    answer = withdraw(bob, message)
    assert answer.status_code == 200 and f'data-user-ids="{alice.id}"' in answer.text
    assert reactions() == [("Alice", "👍")]


def test_both_are_harmless_to_repeat(bob, message):
    assert [react(bob, message).status_code for _ in range(2)] == [201, 201]
    assert reactions() == [("Bob", "👍")]
    assert [withdraw(bob, message).status_code for _ in range(2)] == [200, 200]
    assert reactions() == []


def test_a_plain_form_leads_back_to_the_chat(bob, chat, message):
    answers = [
        bob.submit(f"/messages/{message.id}/reactions", {"emoji": "❤️"}),
        bob.submit(f"/messages/{message.id}/reactions", {"emoji": "🎉"}),
        bob.submit(f"/messages/{message.id}/reactions/{quote('❤️')}", method="DELETE"),
    ]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, f"/chats/{chat.id}")] * 3
    assert reactions() == [("Bob", "🎉")]


def test_an_emoji_without_its_selector_is_the_same_one(bob, message):
    react(bob, message, "❤"), react(bob, message, "❤️")
    assert reactions() == [("Bob", "❤️")]
    withdraw(bob, message, "❤")
    assert reactions() == []


@pytest.mark.parametrize("emoji", [None, "", "x", "👍👍", "👍🏽", "<b>", "\x00", "👍" * 5_000, "🫩"])
def test_only_emoji_of_the_list_are_taken(bob, message, emoji):
    answer = react(bob, message, emoji)
    assert (answer.status_code, answer.text) == (422, "Choose one of the emoji in the list.")
    assert reactions() == []


def test_what_is_no_emoji_is_taken_back_without_harm(bob, message):
    react(bob, message)
    for path in ("x", "%00", "%F0%9F", "new", "👍" * 500):
        assert bob.turbo("DELETE", f"/messages/{message.id}/reactions/{path}").status_code == 200
    assert reactions() == [("Bob", "👍")]


def test_what_a_newer_release_has_added_can_be_taken_back(bob, message):
    db.session.add(Reaction(message=message, user=bob.user, emoji="🫩"))
    db.session.commit()
    assert "🫩" in bob.get(f"/messages/{message.id}/actions").text
    assert withdraw(bob, message, "🫩").status_code == 200 and reactions() == []


def test_too_many_reactions_are_refused_in_words(bob, message, monkeypatch):
    monkeypatch.setattr("chatapp.models.mixins.reactable.EACH", 1)
    react(bob, message)
    answer = react(bob, message, "🎉")
    assert (answer.status_code, answer.text) == (
        422, "You have reacted with 1 emoji. Take one back to choose another.")  # fmt: skip
    page = bob.submit(f"/messages/{message.id}/reactions", {"emoji": "🎉"})
    assert page.status_code == 422 and "Take one back to choose another." in page.text
    assert reactions() == [("Bob", "👍")] and EACH < DIFFERENT


def test_a_plain_form_with_another_text_gets_the_page_again(bob, message):
    page = bob.submit(f"/messages/{message.id}/reactions", {"emoji": "x"})
    assert page.status_code == 422 and "Choose one of the emoji in the list." in page.text


# Who may react


def test_outsiders_learn_nothing(charlie, removed, anonymous, alice, message):
    react(alice, message)
    for visitor in (charlie, removed):
        codes = [
            react(visitor, message),
            withdraw(visitor, message),
            visitor.get(f"/messages/{message.id}/reactions/new"),
        ]
        assert [answer.status_code for answer in codes] == [404] * 3
    assert react(anonymous, message).status_code == 401
    assert reactions() == [("Alice", "👍")]


def test_whoever_reads_an_open_chat_without_being_a_member_has_to_join_first(charlie, alice, chat, message):
    chat.kind = "open"
    db.session.commit()
    react(alice, message)
    for answer in (react(charlie, message), withdraw(charlie, message)):
        assert (answer.status_code, answer.text) == (403, "Join this chat first.")
    assert charlie.get(f"/messages/{message.id}/reactions/new").status_code == 403
    page = charlie.get(f"/messages/{message.id}/actions").text
    assert 'title="Alice: thumbs up"' in page and f'/messages/{message.id}/reactions/new">React<' not in page
    assert reactions() == [("Alice", "👍")]


def test_an_archived_chat_takes_none(bob, chat, message):
    react(bob, message)
    chat.archive()
    db.session.commit()
    for answer in (react(bob, message, "🎉"), withdraw(bob, message)):
        assert answer.status_code == 409 and "archived" in answer.text
    assert bob.get(f"/messages/{message.id}/reactions/new").status_code == 409
    assert reactions() == [("Bob", "👍")]


def test_a_message_deleted_just_now_takes_none(alice, bob, message):
    react(bob, message)
    alice.turbo("DELETE", f"/messages/{message.id}")
    assert react(bob, message).status_code == withdraw(bob, message).status_code == 404
    assert reactions() == []


def test_without_the_token_of_the_page_nothing_is_added(bob, message):
    answer = bob.open("POST", f"/messages/{message.id}/reactions", data={"emoji": "👍"})
    assert answer.status_code == 400 and reactions() == []


def test_a_crowd_of_reactions_is_stopped(app, monkeypatch, bob, message):
    monkeypatch.setitem(app.config, "WRITE_RATE", "2 per hour")
    assert [react(bob, message).status_code for _ in range(3)] == [201, 201, 429]


# What they leave alone


def test_a_reaction_is_not_an_edit_and_nothing_unread_and_moves_no_chat(alice, bob, chat, message):
    alice.get(f"/chats/{chat.id}")
    before = head(alice, chat)
    react(bob, message)
    assert head(alice, chat) == before
    assert "message__edited" not in alice.get(f"/chats/{chat.id}").text
    assert db.session.get(Message, message.id).edited_at is None


def head(visitor, chat: Chat) -> str:
    return re.search(rf'<a id="head_chat_{chat.id}".*?</li>', visitor.get("/").text, re.DOTALL)[0]


# The pages


def test_the_plain_page_takes_every_emoji_and_gives_back_one_s_own(alice, bob, message):
    react(bob, message), react(alice, message, "🎉")
    page = bob.get(f"/messages/{message.id}/reactions/new").text
    assert f'action="/messages/{message.id}/reactions"' in page and 'value="🪇"' in page
    assert "Take 👍 back" in page and "Take 🎉 back" not in page


def test_the_page_of_a_message_asks_once_for_all_who_reacted(nothing_remembered, alice, bob, person, chat, message):
    def asked() -> int:
        with statements() as seen:
            assert bob.get(f"/messages/{message.id}/reactions/new").status_code == 200
        return len(seen)

    react(bob, message)
    asked()  # the first request of a browser asks more
    few = asked()
    for name in ("Dora", "Erik", "Finn"):
        chat.admit(person(name).user)
    message.react(alice.user, "👍")
    for membership in chat.memberships:
        message.react(membership.user, "🎉")
    db.session.commit()
    assert asked() <= few and len(reactions()) == 7


def test_the_list_of_all_emoji_may_be_kept_by_its_version(app, bob, chat):
    address = re.search(r'data-emoji-picker-url-value="([^"]+)"', bob.get(f"/chats/{chat.id}").text)[1]
    answer = bob.get(address)
    assert answer.status_code == 200 and 'title="thumbs up"' in answer.text and "Bob" not in answer.text
    assert "immutable" in answer.headers["Cache-Control"] and "private" in answer.headers["Cache-Control"]
    assert "no-store" in bob.get("/emoji?v=another").headers["Cache-Control"]


def test_the_list_of_all_emoji_is_for_people_who_are_logged_in(anonymous):
    assert anonymous.get("/emoji").status_code == 303


def test_names_of_people_are_text(person, chat, message):
    mallory = person('"><b>Mallory')
    chat.admit(mallory.user)
    db.session.commit()
    assert "<b>Mallory" not in react(mallory, message).text


def test_one_s_own_reactions_are_marked_by_one_s_own_style(bob):
    assert f'[data-user-ids~="{bob.id}"]' in bob.get(f"/users/{bob.id}.css").text
