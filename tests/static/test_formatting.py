"""static/lib/formatting.js, in Node. In the texts | stands at both ends of the selection, or once where it is empty."""

import json
import random
import subprocess

import pytest

from chatapp.lib import markdown
from tests.servers import PROJECT

MODULE = PROJECT / "static" / "lib" / "formatting.js"
SCRIPT = """
const [module, given] = process.argv.slice(1)
const formatting = await import(module)
const edit = ([name, mark, value, start, end]) => formatting[name]({ value, start, end }, mark)
console.log(JSON.stringify(JSON.parse(given).map(edit)))
"""


def edits(calls: list[tuple]) -> list[dict | None]:
    command = ["node", "--input-type=module", "-e", SCRIPT, MODULE.as_uri(), json.dumps(calls)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def edited(cases: list[tuple]) -> list[str | None]:
    """What each text becomes, ``(name, mark, text, …)``; None where it stays."""
    calls = [(name, mark, text.replace("|", ""), *selection(text)) for name, mark, text, *_ in cases]
    return [edit and after(call[2], edit) for call, edit in zip(calls, edits(calls), strict=True)]


def selection(text: str) -> tuple[int, int]:
    start, end = text.index("|"), text.rindex("|")
    return start, max(start, end - 1)


def after(value: str, edit: dict) -> str:
    text = value[: edit["from"]] + edit["insert"] + value[edit["to"] :]
    start, end = edit["start"], edit["end"]
    return text[:start] + "|" + (text[start:end] + "|" if end > start else "") + text[end:]


EXAMPLES = [
    ("wrap", "**", "a |word| here", "a **|word|** here"),
    ("wrap", "**", "a **|word|** here", "a |word| here"),
    ("wrap", "**", "a |**word**| here", "a |word| here"),
    ("wrap", "**", "a | word | here", "a  **|word|**  here"),
    ("wrap", "**", "a |", "a **|**"),
    ("wrap", "**", "a **|**", "a |"),
    ("wrap", "**", "a |  | b", None),
    ("wrap", "*", "**|word|**", "***|word|***"),
    ("wrap", "*", "***|word|***", "**|word|**"),
    ("wrap", "*", "|**word**|", "*|**word**|*"),
    ("code", None, "call |f()| now", "call `|f()|` now"),
    ("code", None, "a\n|b\nc|\nd", "a\n```\n|b\nc|\n```\nd"),
    ("code", None, "|```\nb|", "````\n|```\nb|\n````"),
    ("bullets", None, "on|e", "- one|"),
    ("bullets", None, "|one\ntwo|", "|- one\n- two|"),
    ("bullets", None, "|- one\n* two|", "|one\ntwo|"),
    ("numbers", None, "|one\ntwo|", "|1. one\n2. two|"),
    ("quote", None, "|one\n> two|", "|> one\n> > two|"),
    ("newLine", None, "- one|", "- one\n- |"),
    ("newLine", None, "  9) nine|", "  9) nine\n  10) |"),
    ("newLine", None, "- [x] done|", "- [x] done\n- [ ] |"),
    ("newLine", None, "> said|", "> said\n> |"),
    ("newLine", None, "- one\n- |", "- one\n|"),
    ("newLine", None, "- one\n- |\nmore", "- one\n|\nmore"),
    ("newLine", None, "- on|e", "- on\n- |e"),
    ("newLine", None, "plain|", None),
    ("newLine", None, "-5 degrees|", None),
    ("newLine", None, "```\n- code|", None),
    ("newLine", None, "```\n- code\n```\n- one|", "```\n- code\n```\n- one\n- |"),
    ("newLine", None, "- |one|", None),
]


@pytest.fixture(scope="module")
def results() -> list[str | None]:
    return edited(EXAMPLES)


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=lambda number: repr(EXAMPLES[number][2]))
def test_an_edit_is_that_of_the_example(results, number):
    assert results[number] == EXAMPLES[number][3]


def test_what_a_key_did_it_takes_back():
    dice = random.Random(7)
    texts = [("".join(dice.choices("ab cé\n", k=dice.randint(1, 12))).strip() or "a") for _ in range(200)]
    marks = [dice.choice(["**", "*", "~~"]) for _ in texts]
    marked = edited([("wrap", mark, f"|{text}|") for text, mark in zip(texts, marks, strict=True)])
    back = edited([("wrap", mark, text) for text, mark in zip(marked, marks, strict=True)])
    assert back == [f"|{text}|" for text in texts]


def test_messages_show_what_the_keys_make():
    marks = [("wrap", "**", "strong"), ("wrap", "*", "em"), ("wrap", "~~", "s"), ("code", None, "code")]
    marks += [("bullets", None, "ul"), ("numbers", None, "ol"), ("quote", None, "blockquote")]
    texts = edited([(name, mark, "|word|") for name, mark, _ in marks])
    for text, (*_, tag) in zip(texts, marks, strict=True):
        assert f"<{tag}>" in markdown.to_html(text.replace("|", ""))
