"""Changing one's name."""

import pytest

from chatapp.extensions import db
from chatapp.models import User


def name_of(visitor) -> str:
    return db.session.get(User, visitor.id, populate_existing=True).name


def test_a_new_name_is_on_every_page(alice, bob, chat, message):
    answer = alice.submit("/profile/name", {"name": "  Alicia   Lopez "})
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert "Alicia Lopez" in alice.get("/profile").text
    assert 'dir="auto">Alicia Lopez</a>' in bob.get(f"/chats/{chat.id}").text


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Enter your name."),
        ("x" * 61, "Field cannot be longer than 60 characters."),
        ("Аss1stant", "People could take this for an assistant."),
        ("a\u200bb", "This contains a character that can&#39;t be seen."),
        ("...\u0301\u0301\u0301\u0301", "This has more accents than letters can carry."),
    ],
)
def test_the_rules_are_those_of_the_sign_up_and_nothing_typed_is_lost(alice, name, reason):
    answer = alice.submit("/profile/name", {"name": name})
    assert answer.status_code == 422 and reason in answer.text
    assert f'value="{name}"' in answer.text and 'aria-invalid="true"' in answer.text
    assert name_of(alice) == "Alice"


def test_a_loop_of_new_names_is_stopped(alice):
    codes = [alice.submit("/profile/name", {"name": f"Alice {number}"}).status_code for number in range(11)]
    assert set(codes[:10]) == {303} and codes[10] == 429
