"""What the rules of static/css cost a page with hundreds of messages."""

import re

from tests.servers import PROJECT

COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
#: `+` or `~`, and then anything: `* + *`, `[hidden] ~ *`. In `calc(1px + 2px)` a number follows.
BESIDE_ANYTHING = re.compile(r"[+~] *\*")


def test_no_rule_concerns_whatever_stands_beside_something():
    """Each insertion would give every message a new style: docs/decisions/0070-a-page-lets-go-of-far-messages.md."""
    rules = {
        path.name: COMMENTS.sub("", path.read_text()) for path in sorted((PROJECT / "static" / "css").glob("*.css"))
    }
    assert {name: found for name, text in rules.items() if (found := BESIDE_ANYTHING.findall(text))} == {}
