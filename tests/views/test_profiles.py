"""How people want their pages: light or dark, and with which clock."""

import re

import pytest

from chatapp.extensions import db
from chatapp.models import User


def chosen(page: str) -> list[str]:
    return re.findall(r'name="(\w+)" value="(\w+)" checked', page)


def test_everything_is_as_on_the_device_at_first(alice):
    page = alice.get("/profile").text
    assert chosen(page) == [("theme", "system"), ("clock", "system"), ("presence", "shown")]
    assert 'data-theme="system" data-clock="system"' in page


def test_what_is_chosen_is_on_every_page(alice, bob):
    answer = alice.submit("/profile", {"theme": "dark", "clock": "24"})
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert chosen(alice.get("/profile").text)[:2] == [("theme", "dark"), ("clock", "24")]
    assert 'data-theme="dark" data-clock="24"' in alice.get("/").text
    assert 'data-theme="system"' in bob.get("/").text


@pytest.mark.parametrize("form", [{"theme": "pink", "clock": "24"}, {"theme": "dark", "clock": "13"}])
def test_what_cannot_be_chosen_is_refused(alice, form):
    assert alice.submit("/profile", form).status_code == 422
    assert db.session.get(User, alice.id, populate_existing=True).theme == "system"


def test_visitors_have_none(anonymous):
    assert anonymous.get("/profile").location == "/login?next=/profile"
    assert "data-theme" not in anonymous.get("/login").text
