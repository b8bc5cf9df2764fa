from chatapp.extensions import db
from chatapp.models.people import FOUND, People


def found(visitor, typed: str, **options) -> list[str]:
    return [user.name for user in People(visitor.user, typed, **options).found()]


def test_people_are_found_by_the_beginning_of_each_word_of_a_name(alice, person):
    for name in ("Maya Priyanka", "Priya", "Empriya"):
        person(name)
    assert found(alice, "pri") == ["Maya Priyanka", "Priya"]


def test_those_with_whom_one_shares_a_chat_come_first_and_alone_where_nothing_is_typed(alice, bob, chat, person):
    person("Barbara")
    assert found(alice, "b") == ["Bob", "Barbara"]
    assert found(alice, "") == ["Bob"]


def test_an_address_is_found_as_a_whole_only(alice, bob):
    assert found(alice, " Bob@Example.com ") == ["Bob"]
    assert found(alice, "bob@example") == found(alice, "bob@") == found(alice, "ob@example.com") == []


def test_neither_oneself_nor_closed_accounts_nor_members_are_found(alice, bob, charlie, chat):
    charlie.user.deactivate()
    db.session.commit()
    assert found(alice, "alice") == found(alice, "charlie") == found(alice, "charlie@example.com") == []
    assert found(alice, "bob", not_in=chat) == found(alice, "bob@example.com", not_in=chat) == []
    assert found(alice, "bob", without=[bob.id]) == []


def test_an_answer_has_a_bound_and_what_is_typed_is_no_pattern(alice, person):
    for number in range(FOUND + 3):
        person(f"Zoe{number}")
    assert len(found(alice, "z")) == FOUND
    assert found(alice, "%") == found(alice, "_oe") == found(alice, "a\0b") == []
