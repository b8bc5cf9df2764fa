"""static/lib/emoji_search.js finds emoji by their words. In Node: it needs no browser."""

import json
import subprocess
from types import SimpleNamespace

import pytest

from chatapp.config import PROJECT
from chatapp.lib.emoji_list import EmojiList

MODULE = PROJECT / "static" / "lib" / "emoji_search.js"
SCRIPT = """
const [module, queries] = process.argv.slice(1)
const { bestFirst } = await import(module)
let given = ""
for await (const part of process.stdin) given += part
const buttons = JSON.parse(given).map(([value, title, words]) => ({ value, title, dataset: { words } }))
const found = JSON.parse(queries).map((query) => bestFirst(buttons, query).map(({ value }) => value))
console.log(JSON.stringify(found))
"""


@pytest.fixture(scope="module")
def find():
    groups = EmojiList(SimpleNamespace(root_path=PROJECT)).groups
    given = json.dumps([list(emoji) for group in groups for emoji in group.emoji])

    def find(*queries: str) -> list[list[str]]:
        command = ["node", "--input-type=module", "-e", SCRIPT, MODULE.as_uri(), json.dumps(queries)]
        answer = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
        return json.loads(answer.stdout)

    return find


def test_a_name_comes_before_a_word_in_a_name_and_that_before_any_other_word(find):
    (found,) = find("rocket")
    assert found[0] == "🚀"
    (found,) = find("cat")
    assert found[0] == "🐈" and found.index("🐱") < found.index("😺") < found.index("🐾")


def test_words_that_are_not_in_the_name_find_it_too(find):
    assert ["👍" in found for found in find("yes", "+1", "thumbsup", "THUMBS", "thu up")] == [True] * 5


def test_every_word_has_to_be_found(find):
    assert find("red heart")[0][0] == "❤️" and find("red xylophone") == [[]]


def test_what_is_on_no_keyboard_need_not_be_typed(find):
    assert [found[0] for found in find("twelve o'clock", "aland")] == ["🕛", "🇦🇽"]
