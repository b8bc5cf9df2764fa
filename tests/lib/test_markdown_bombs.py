"""Texts made to cost much time. Each is compared with plain text of the same length on the same machine."""

import gc
import sys
import time

import pytest
from markupsafe import escape

from chatapp.lib import markdown

LONGEST = 20_000  # characters: twice what a person may send
PLAIN = "The quick brown fox jumps over the lazy dog, and nobody is surprised by it.\n"
#: Among texts whose cost grows with their length, a long table of two columns is slowest: 25 times plain text.
TIMES_PLAIN = 45
TIMES_PLAIN_FOR_BRACKETS = 10

BRACKETS = {"[", "![", "[](", "[a]("}
REPEATED = [
    "<http://", "http://", "://", "//:", "?http://", "mailto://a", "http://xn--", "www.a+", "a.com*", "a.com/(",
    "https://a.example/(", "ann@a.example+", "a@", "_@", "www.", "[", "![", "[](", "[a](", "![a](", "[a](b ", '[a](b "',
    "[a\n", "[a]: b\n", "[a]:", "*a ", "**a *b ", "_a*", "*", "a**b", "~~a ", "> ", ">", "- ", "1. ", "> - ",
    "- [ ] a\n", "* a\n", "&", "&amp;", "&#x", "`", "`a``", "\\", "<", "<!--", "<a ", "<a:", "# a\n", "a\n=", "---\n",
    "```\n", "~~~a\n", "    a\n", "\t", "|", "-|", "a|b\n", "a|b\n-|-\n\n", ":a", ":a:", ":tada:", "💣", "é", "\0",
]  # fmt: skip

BOMBS = {sign: sign * (LONGEST // len(sign)) for sign in REPEATED} | {
    "cells that are missing": "|" * 200 + "\n" + "|-" * 199 + "|\n" + "|\n" * 9_000,
    "a wide table": "|a" * 1_000 + "|\n" + "|-" * 1_000 + "|\n" + "|x|\n" * 4_000,
    "a long table": "a|b\n-|-\n" + "x|y\n" * 4_990,
    "one reference, used often": "[a]: http://x/" + "y" * 9_000 + "\n\n" + "[a] " * 2_700,
    "pictures in pictures": "![" * 6_000 + "](a)" * 2_000,
    "links in links": "[" * 5_000 + "](a)" * 3_700,
    "ticks of all lengths": "".join("`" * length + " " for length in range(198)),
    "lists in lists": "\n".join(" " * 2 * depth + "- a" for depth in range(138)),
    "quotes in quotes": "\n".join(">" * depth + "a" for depth in range(198)),
    "many blocks of code": "```py\n(((((\n```\n" * 1_250,
    "code of many words": ("```java\n" + "a " * 1_450 + "\n```\n") * 6,
    "a scheme within a label": "x" * 9_000 + "[" + "://" * 3_600,
}


@pytest.fixture(scope="module", autouse=True)
def nothing_to_collect_from_other_tests():
    """Garbage is collected before each measurement, and in the memory of all tests that takes longer than the text."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def cost(text: str) -> float:
    """Seconds of processor time of this process alone."""
    gc.collect()
    start = time.process_time()
    markdown._parsed.__wrapped__(text)
    return time.process_time() - start


@pytest.fixture(scope="module")
def plain_cost() -> float:
    return min(cost((PLAIN * LONGEST)[:LONGEST]) for _ in range(5))


@pytest.mark.parametrize("name", BOMBS)
def test_no_text_costs_much_more_than_a_plain_one_of_its_length(name, plain_cost):
    allowed = (TIMES_PLAIN_FOR_BRACKETS if name in BRACKETS else TIMES_PLAIN) * plain_cost
    # The best of three tells about the text, and not about the machine.
    assert any(cost(BOMBS[name][:LONGEST]) < allowed for _ in range(3))


@pytest.mark.parametrize("name", BOMBS)
def test_no_text_makes_a_page_much_longer(name):
    assert len(markdown.to_html(BOMBS[name][:LONGEST])) <= markdown.HTML_LIMIT


def test_what_makes_too_much_html_is_shown_as_it_was_typed():
    text = "a <b>|b\n-|-\n" + "x|y\n" * 4_990
    assert markdown.to_html(text) == f'<p class="plain">{escape(text)}</p>'


def test_code_beyond_a_limit_has_no_colours():
    block = "```python\n" + "def f(): pass\n" * 120 + "```\n"
    assert markdown.to_html(block * 2).count('<span class="k">def</span>') == 120 * 2
    assert markdown.to_html(block * 6).count('<span class="k">def</span>') == 120 * 2
    assert markdown.to_html(block.replace("pass", "pass" * 6)).count("<span") == 0


def test_what_is_kept_of_past_texts_is_limited_by_bytes():
    for number in range(2 * markdown.CACHE_BYTES // 100_000):
        markdown.to_html(f"```\n{number} {'x' * 100_000}\n```")
    kept = markdown._parsed.cache
    assert sum(map(sys.getsizeof, kept.values())) <= markdown.CACHE_BYTES
    assert all(len(key) == 32 for key in kept)


def test_what_people_write_meets_no_limit():
    text = "See [1] and [the page](https://a.example/b), or www.example.com: " * 150
    assert markdown.to_html(text).count("<a ") == 300
    address = "https://a.example/" + "b" * 2_000
    assert f'href="{address}"' in markdown.to_html(f"({address})")
    table = "a|b|c\n-|-|-\n" + "1|2|3\n" * 300
    assert markdown.to_html(table).count("<td>") == 900
