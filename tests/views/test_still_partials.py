"""Partials that each process renders once, because they show the same to everybody at any time."""

import re

import pytest
from jinja2 import meta

from tests.servers import PROJECT

TEMPLATES = PROJECT / "templates"
STILL = sorted(
    {name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'still\("([^"]+)"\)', path.read_text())}
)
#: What templates can call that differs from one reader or moment to the next.
CHANGING = {
    "csrf_token",
    "current_user",
    "g",
    "request",
    "session",
    "style_nonce",
    "style_version",
    "sidebar",
    "get_flashed_messages",
}


@pytest.mark.parametrize("partial", STILL)
def test_a_still_partial_shows_nothing_that_changes(app, partial):
    tree = app.jinja_env.parse((TEMPLATES / partial).read_text())
    used = meta.find_undeclared_variables(tree)
    assert used <= set(app.jinja_env.globals) - CHANGING, used


def test_a_page_has_them_in_each_of_its_answers(alice, bob, chat):
    for visitor in (alice, bob, alice):
        page = visitor.get(f"/chats/{chat.id}").text
        assert page.count('<dialog id="keys"') == page.count('<template id="actions">') == 1
