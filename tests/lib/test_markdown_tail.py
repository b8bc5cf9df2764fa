"""The end of a text that is still being written."""

import random
import time

import pytest

from chatapp.lib import markdown
from chatapp.lib.markdown_tail import LONGEST_MARKS, OPEN_LINK, OPEN_MARK, settled

#: Texts of every kind that Markdown has, to be cut at every place.
HOSTILE = [
    "# Title\n\nPlain **bold *both*** and _thin_, `code` and ``a ` b``, ~~gone~~, [a link](http://a.example/?a=1&b=2).",
    "A paragraph\n- one\n- two\n  1. inner **x**\n\n     more\n\n- three\n\n***\n\nUnderlined\n---\n\nTwice\n===",
    "| a | b |\n|:--|--:|\n| 1 | `2|` |\n| **3** | 4 |\n\nBehind",
    "```python\nprint('<b>&amp;</b>')  # **no**\n```\n\n~~~\nother\n~~~\n\n    indented\n\n> quoted\n> ```\n> deep\n",
    "Emoji 👩‍👩‍👧 🎉 :tada: &lt;script&gt; <script>alert(1)</script> &#128512; &copy; \\*no\\* ﷽ 你好 **你好** שלום",
    "- [ ] open\n- [x] done\n\n![a picture](http://a.example/p.png \"title\") www.a.example ann@a.example @Bob",
    "*a **b* c** _d __e_ f__ ***g** h* `i [j](k` l) [m][n] [o]: /p\n\n[o] ![q] ]( )[",
    "Line\u2028separator, tab\tand  two  \nbreaks\\\nbreaks\r\nhere\rand here\n\n\n\n\x0b\x0c end",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello **bo", "Hello "),
        ("Hello **bold**", "Hello **bold**"),
        ("Hello **bold** and *th", "Hello **bold** and "),
        ("2 * 3 and 4 * 5", "2 * 3 and 4 * 5"),
        ("snake_case and _th", "snake_case and "),
        ("`a` and `b", "`a` and "),
        ("See [the page](http://a.exam", "See "),
        ("A paragraph\n-", "A paragraph\n"),
        ("An **open mark\n*", "An **open mark\n"),
        ("A paragraph\n- a", "A paragraph\n- a"),
        ("A paragraph\n\n```pyth", "A paragraph\n\n"),
        ("```python\nx **y", "```python\nx **y"),
        ("```python\nx\n``", "```python\nx\n"),
        ("Now:\n\n| a | b |", "Now:\n"),
        ("Now:\n\n| a | b |\n|--", "Now:\n"),
        ("| a | b |\n|---|---|\n| 1 ", "| a | b |\n|---|---|\n| 1 "),
    ],
)
def test_an_end_that_may_soon_look_different_waits(text, shown):
    assert settled(text) == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_shown_of_any_text_cut_anywhere_is_its_beginning_and_a_few_words_shorter_at_most(text):
    for length in range(len(text) + 1):
        cut = text[:length]
        assert cut.startswith(settled(cut))
        assert len(cut) - len(settled(cut)) <= OPEN_MARK + OPEN_LINK + LONGEST_MARKS
        markdown.to_html(settled(cut))


def test_a_mark_that_never_ends_does_not_hold_its_line_back():
    line = "An **unclosed mark " + "and more " * 20
    assert settled(line) == line


def test_random_marks_are_taken_for_what_they_are():
    dice = random.Random(7)
    for _ in range(300):
        text = "".join(dice.choice(["*", "**", "_", "`", "``", "[", "](", ")", "|", "\n", "a", " b ", ">", "~~", "-"])
                       for _ in range(40))  # fmt: skip
        assert text.startswith(settled(text))


def seconds_for(text: str) -> float:
    """The least of three, because whatever else the machine does can only add to it."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        settled(text)
        taken.append(time.process_time() - began)
    return min(taken)


@pytest.mark.parametrize("piece", [">", " ", "`", "[", "[](", "*a", "_a ", "`a``", "| ", "\n|", "~~", "a*"])
def test_hostile_repetitions_take_no_more_time_than_their_length(piece):
    """Four times the text takes four times as long, and sixteen times where each place looks at all others."""
    short, long = ((piece * length)[:length] + "x" for length in (10_000, 40_000))
    assert seconds_for(long) < 9 * seconds_for(short) + 0.01
