"""Whom one is offered to mention."""

import pytest

from chatapp.extensions import db
from chatapp.models.mentionable import OFFERED, mentionables
from chatapp.models.mentioning import SMALL
from tests.queries import statements


def offered(chat, visitor, typed: str = "") -> list[str]:
    return [mentionable.text for mentionable in mentionables(chat, visitor.user, typed)]


@pytest.fixture
def team(chat, person) -> list:
    users = [person(name).user for name in ("Dora", "Emil", "Fay")]
    for user in users:
        chat.admit(user)
    db.session.commit()
    return users


def test_whoever_wrote_last_comes_first(alice, bob, chat, team):
    chat.post(team[2], "Hello")
    chat.post(bob.user, "Hello")
    db.session.commit()
    assert offered(chat, alice) == ["Bob", "Fay", "Dora", "Emil", "all"]


def test_a_word_of_the_name_begins_with_what_is_typed(alice, chat, team):
    team[0].name = "Emma Dorn"
    db.session.commit()
    assert offered(chat, alice, "em") == ["Emil", "Emma Dorn"]
    assert offered(chat, alice, "DO") == ["Emma Dorn"]
    assert offered(chat, alice, "Emma D") == ["Emma Dorn"]
    for typed in ("mm", "Emil ", "%", "_", "\\", "\x00Emma's"):
        assert offered(chat, alice, typed) == []


def test_people_who_can_not_read_it_are_not_offered(alice, bob, charlie, chat):
    bob.user.active = False
    db.session.commit()
    assert offered(chat, alice) == ["all"]


def test_the_list_is_short(alice, chat, person):
    for number in range(OFFERED + 3):
        chat.admit(person(f"P{number}").user)
    db.session.commit()
    assert len(offered(chat, alice, "p")) == OFFERED
    with statements() as seen:
        offered(chat, alice, "p")
    assert len(seen) == 2


def test_of_two_people_with_one_name_each_has_an_id(alice, bob, chat, team):
    team[0].name = "BOB"
    db.session.commit()
    assert offered(chat, alice, "b") == [f"Bob#{bob.id}", f"BOB#{team[0].id}"]
    team[0].name = "All"
    db.session.commit()
    assert offered(chat, alice, "al") == [f"All#{team[0].id}", "all"]


def test_the_assistant_is_offered_where_it_answers(alice, chat):
    assert offered(chat, alice, "as") == []
    for setting in ("always", "mentioned"):
        chat.assistant = setting
        assert offered(chat, alice, "As") == ["Assistant"]


def test_everybody_is_offered_to_those_who_may(alice, bob, chat, person):
    assert offered(chat, bob, "a") == ["Alice", "all"]
    for number in range(SMALL):
        chat.admit(person(f"P{number}").user)
    db.session.commit()
    assert (offered(chat, bob, "al"), offered(chat, alice, "al")) == (["Alice"], ["all"])
