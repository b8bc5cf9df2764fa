"""static/lib/completion.js: what is being typed at the end of a text and can be completed. In Node."""

import json
import subprocess

from chatapp.config import PROJECT

SCRIPT = """
const [completion, formatting, given] = process.argv.slice(1)
const { openText } = await import(completion)
const { isInCode } = await import(formatting)
const open = (text) => isInCode(text) ? null : openText(text)
const found = JSON.parse(given).map(open)
console.log(JSON.stringify(found.map((one) => one && [one.source, one.place, one.typed])))
"""


def opened(*texts: str) -> list:
    modules = [(PROJECT / "static" / "lib" / name).as_uri() for name in ("completion.js", "formatting.js")]
    command = ["node", "--input-type=module", "-e", SCRIPT, *modules, json.dumps(texts)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


EXAMPLES = [
    (":sm", ["emoji", 0, "sm"]),
    ("Well done :thumbs_up", ["emoji", 10, "thumbs_up"]),
    ("(:été", ["emoji", 1, "été"]),
    ("😄:sm", ["emoji", 2, "sm"]),
    ("Yes :+1", ["emoji", 4, "+1"]),
    ("@", ["people", 0, ""]),
    ("Hi @Bob D", ["people", 3, "Bob D"]),
    ("Hi @Bob :sm", ["emoji", 8, "sm"]),
    ("`a` and :sm", ["emoji", 8, "sm"]),
    ("```\ncode\n```\n:sm", ["emoji", 13, "sm"]),
]


def test_what_can_be_completed_is_found_with_its_place():
    texts, found = zip(*EXAMPLES, strict=True)
    assert opened(*texts) == list(found)


def test_times_addresses_emoticons_words_and_code_open_nothing():
    texts = [
        "12:30",
        "at 12:30pm",
        "http://ab",
        "https:ab",
        "note:this",
        ":s",
        ":-D",
        ":)",
        ": smile",
        ":smile:",
        "::ab",
    ]
    code = ["`:sm", "a `b` `:sm", "```\n:sm", "```js\n@Bo", "``a` :sm"]
    assert opened(*texts, *code) == [None] * (len(texts) + len(code))
