"""All emoji in groups, with their names and words to search for, in English.

The data are two npm packages: `unicode-emoji-json` has Unicode's groups, order and names, `emojilib` has more words.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

GROUPS = "unicode-emoji-json/data-by-group.json"
WORDS = "emojilib/dist/emoji-en-US.json"
#: The newest version of Emoji on offer, from 2022. Many devices draw newer emoji as empty boxes.
NEWEST = 15.0
#: Asks for the coloured form of a character. The same emoji comes with it or without it.
COLOURED = "\ufe0f"


class Emoji(NamedTuple):
    """One emoji: its characters, its name, and words that are not in the name."""

    sign: str
    name: str
    words: str


class Group(NamedTuple):
    """Emoji of one kind, as Unicode groups them."""

    name: str
    emoji: list[Emoji]


class EmojiList:
    """``groups`` has every emoji once, without variants of skin tone; ``version`` changes with it."""

    def __init__(self, app=None):
        if app is not None:
            self.init_app(app)

    def init_app(self, app) -> None:
        """Read the list. Raises FileNotFoundError, saying what to run, when an npm package is missing."""
        node_modules = Path(app.root_path) / "node_modules"
        groups, words = (_read(node_modules / file) for file in (GROUPS, WORDS))
        self.groups = [Group(group["name"], list(_emoji_of(group["emojis"], words))) for group in groups]
        self._known = {_plain(emoji.sign): emoji for group in self.groups for emoji in group.emoji}
        self.version = sha256(repr(self.groups).encode()).hexdigest()[:12]

    def find(self, text: str) -> Emoji | None:
        """The emoji that ``text`` is, whether or not it asks for the coloured form; None if it is not in the list."""
        return self._known.get(_plain(text))

    def spelled(self, text: str) -> str:
        """``text`` as the list spells it; unchanged if the list does not have it."""
        return found.sign if (found := self.find(text)) else text

    def name(self, text: str) -> str:
        """The name of an emoji, ``"thumbs up"``; the text itself if the list does not have it."""
        return found.name if (found := self.find(text)) else text


def _read(path: Path):
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. Run: npm ci")
    return json.loads(path.read_text(encoding="utf-8"))


def _emoji_of(found: list[dict], words: dict[str, list[str]]) -> Iterable[Emoji]:
    for emoji in found:
        if float(emoji["emoji_version"]) <= NEWEST:
            sign, name = emoji["emoji"], emoji["name"]
            yield Emoji(sign, name, _other_words(words.get(sign, ()), name))


def _other_words(phrases: Iterable[str], name: str) -> str:
    words = [word for phrase in phrases for word in phrase.lower().replace("_", " ").split()]
    return " ".join(word for word in dict.fromkeys(words) if word not in name.lower().split())


def _plain(text: str) -> str:
    return text.replace(COLOURED, "")
