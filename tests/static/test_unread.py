"""static/lib/unread.js counts as models/unread.py does. In Node: it needs no browser."""

import json
import random
import subprocess
from collections.abc import Iterable

from chatapp.models.unread import COUNTED, newest_mention, unread
from tests.servers import PROJECT

MODULE = PROJECT / "static" / "lib" / "unread.js"
SCRIPT = """
const [module, given] = process.argv.slice(1)
const { pairs, sum, unread, words } = await import(module)
const count = ([text, readerId, readId]) => unread(pairs(text), readerId, readId)
const found = JSON.parse(given).map((chats) => words(sum(chats.map(count))))
console.log(JSON.stringify(found))
"""
MENTIONS = """
const [module, given] = process.argv.slice(1)
const { newestMention } = await import(module)
console.log(JSON.stringify(JSON.parse(given).map((mentions) => newestMention(...mentions))))
"""


def words(*sums: list[tuple]) -> list[str]:
    """For each list of chats what is unread in them, each a text of pairs, a reader and a mark."""
    return in_node(SCRIPT, sums)


def in_node(script: str, given) -> list:
    command = ["node", "--input-type=module", "-e", script, MODULE.as_uri(), json.dumps(given)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def some_chat(dice: random.Random) -> tuple[str, int, int]:
    ids = sorted(dice.sample(range(1, 200), dice.choice([0, 1, 5, COUNTED - 1, COUNTED])), reverse=True)
    newest = as_text((dice.choice([4, 9]), id) for id in ids)
    return newest, dice.choice([4, 9, 5]), dice.choice([0, 1, 20, 150, 300])


def as_text(newest: Iterable[tuple[int, int]]) -> str:
    return " ".join(f"{author}:{id}" for author, id in newest)


def test_pages_and_server_count_alike():
    dice = random.Random(7)
    chats = [some_chat(dice) for _ in range(300)]
    expected = [str(unread(*chat)) for chat in chats]
    assert words(*[[chat] for chat in chats]) == expected
    assert {"", f"{COUNTED}+"} < set(expected)


def test_several_chats_add_up():
    full = as_text(tuple((9, id) for id in range(COUNTED, 0, -1)))
    assert words([("9:2 9:1", 4, 0), ("9:3", 4, 0)], [(full, 4, 0), ("9:99", 4, 0)], [("4:1", 4, 0)], []) == [
        "3",
        f"{COUNTED + 1}+",
        "",
        "",
    ]


def test_pages_and_server_find_the_same_newest_mention():
    given = [(mentioned_id, for_all, 4) for mentioned_id in (0, 7) for for_all in ("", "9:8", "4:8", "9:3")]
    assert in_node(MENTIONS, given) == [newest_mention(*mentions) for mentions in given] == [0, 8, 0, 3, 7, 8, 7, 7]
