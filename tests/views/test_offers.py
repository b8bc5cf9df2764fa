"""The offer that the assistant waits until it is mentioned, when a second person comes in."""

import pytest

from chatapp.extensions import db
from chatapp.models import Chat


@pytest.fixture
def alone(alice) -> Chat:
    chat = Chat.start(alice.user, "Questions")
    db.session.commit()
    return chat


def is_offered(visitor, chat) -> bool:
    return " data-offer" in visitor.get(f"/chats/{chat.id}").text


def come(alice, visitor, chat) -> None:
    alice.submit(f"/chats/{chat.id}/members", {"email": visitor.user.email})


def answer(visitor, chat, when: str):
    return visitor.submit(f"/chats/{chat.id}/offer", {"assistant": when}, method="DELETE")


def test_the_second_person_in_a_chat_whose_assistant_always_answers_brings_the_offer(alice, bob, alone):
    assert not is_offered(alice, alone)
    come(alice, bob, alone)
    assert is_offered(alice, alone)
    assert answer(alice, alone, "mentioned").location == f"/chats/{alone.id}"
    assert alone.assistant == "mentioned" and not is_offered(alice, alone)


def test_it_is_made_once(alice, bob, charlie, alone):
    come(alice, bob, alone)
    assert answer(alice, alone, "always").status_code == 303
    alone.dismiss(alone.membership_of(bob.user))
    db.session.commit()
    come(alice, charlie, alone)
    assert alone.assistant == "always" and not is_offered(alice, alone)


@pytest.mark.parametrize("assistant", ["mentioned", "never"])
def test_there_is_nothing_to_offer_where_the_assistant_does_not_always_answer(alice, bob, alone, assistant):
    alone.assistant = assistant
    db.session.commit()
    come(alice, bob, alone)
    assert not is_offered(alice, alone)


def test_who_has_changed_the_settings_meanwhile_has_answered_it(alice, bob, alone):
    come(alice, bob, alone)
    form = {"title": "Questions", "kind": "closed", "assistant": "never"}
    alice.submit(f"/chats/{alone.id}", form, method="PATCH")
    assert not is_offered(alice, alone)
    answer(alice, alone, "mentioned")
    assert alone.assistant == "never"


def test_only_managers_answer_it_and_only_as_it_asks(alice, bob, charlie, removed, alone):
    come(alice, bob, alone)
    assert answer(bob, alone, "mentioned").status_code == 403
    assert answer(charlie, alone, "mentioned").status_code == answer(removed, alone, "mentioned").status_code == 404
    assert answer(alice, alone, "never").status_code == 422
    assert is_offered(alice, alone)


def test_a_page_with_scripts_gets_the_header(alice, bob, alone):
    come(alice, bob, alone)
    told = alice.turbo("DELETE", f"/chats/{alone.id}/offer", {"assistant": "mentioned"})
    assert f'target="header_chat_{alone.id}"' in told.text and " data-offer" not in told.text
