"""What an assistant is given of the files of a conversation."""

import base64
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatapp.extensions import storage
from chatapp.lib import pictures
from chatapp.lib.file_types import PICTURES, UNKNOWN, text_of
from chatapp.lib.llm_figures import BYTES_PER_TOKEN

from .attachment_limits import MB, PIXELS, in_words

if TYPE_CHECKING:
    from .attachment import Attachment

log = logging.getLogger(__name__)

#: The most characters of one file, and the bytes read for them.
LONGEST = 20_000
READ = 4 * LONGEST
#: The fewest bytes worth giving of a text that does not fit.
LEAST = 200
#: The most pictures of one conversation, pixels on each side of one, and bytes of an original.
MOST_PICTURES, SIDE, LARGEST = 4, 1024, 50 * MB
#: Tokens that one picture counts. Models count from about 250 to 1,600 for this size.
PICTURE_TOKENS = 1_000
#: Tokens of the line that says how many files were left out.
NOTE_TOKENS = 16
#: The most files to look at, and the seconds for all of them: people wait.
MOST_FILES, READ_WITHIN = 20, 15.0


@dataclass(frozen=True)
class Enclosure:
    """A file, which can be read without the database."""

    name: str
    key: str
    media_type: str
    size: int

    @classmethod
    def of(cls, file: "Attachment") -> "Enclosure":
        return cls(file.name, file.key, file.media_type, file.size)

    @property
    def is_picture(self) -> bool:
        return self.media_type in PICTURES

    def text(self) -> str | None:
        """Its beginning; None where it is not a text or can't be read."""
        try:
            data = storage.head(self.key, READ)
        except OSError as error:
            log.info("a file is not given to a model: %s", error)
            return None
        return text_of(data, whole=len(data) < READ)

    def picture(self, seconds: float) -> str | None:
        """Its data as an address, as models take it; None where it can't be read or made in this time.

        Made from the original, which may not be clean yet: people mostly ask about a picture right after sending it.
        """
        try:
            with storage.open(self.key) as source:
                data = pictures.scaled(source, self.media_type, PIXELS, SIDE, seconds)
        except OSError as error:
            log.info("a picture is not given to a model: %s", error)
            return None
        return data and f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


@dataclass
class Given:
    """What stands below one message: texts, and the addresses of pictures."""

    text: str = ""
    pictures: list[str] = field(default_factory=list)
    tokens: int = 0


class Enclosures:
    """Reads the files of a conversation, the newest first, as long as ``room`` tokens last."""

    def __init__(self, room: int, sees: bool):
        self.room, self.sees = room, sees
        self.files_given = self.pictures_given = self._looked_at = 0
        self._until = time.monotonic() + READ_WITHIN

    def of(self, files: Sequence[Enclosure], room: int) -> Given:
        """What fits into ``room`` tokens of the files of one message."""
        given, left_out = Given(), 0
        for file in files:
            left_out += not self._give(file, given, min(room - given.tokens, self.room))
        if left_out and room - given.tokens >= NOTE_TOKENS:
            self._add(given, f"\n\n[Left out: {left_out} of these files]")
        return given

    def _give(self, file: Enclosure, given: Given, room: int) -> bool:
        """False where a limit leaves out what the model could read."""
        if file.is_picture:
            return not self.sees or self._give_picture(file, given, room)
        return file.media_type != UNKNOWN or self._give_text(file, given, room)

    def _give_picture(self, file: Enclosure, given: Given, room: int) -> bool:
        if room < PICTURE_TOKENS or self.pictures_given == MOST_PICTURES or file.size > LARGEST or not self._may_look():
            return False
        address = file.picture(self._until - time.monotonic())
        if address is None:
            return False
        given.pictures.append(address)
        self.pictures_given += 1
        self._count(given, PICTURE_TOKENS)
        return True

    def _give_text(self, file: Enclosure, given: Given, room: int) -> bool:
        if not self._may_look():
            return False
        text = file.text()
        if not text:
            return True
        words = fenced(file.name, text, file.size, room * BYTES_PER_TOKEN)
        if not words:
            return False
        self.files_given += 1
        self._add(given, words)
        return True

    def _may_look(self) -> bool:
        self._looked_at += 1
        return self._looked_at <= MOST_FILES and time.monotonic() < self._until

    def _add(self, given: Given, words: str) -> None:
        given.text += words
        self._count(given, -(-len(words.encode()) // BYTES_PER_TOKEN))

    def _count(self, given: Given, tokens: int) -> None:
        given.tokens += tokens
        self.room -= tokens


def fenced(name: str, text: str, size: int, room: int) -> str:
    """The text in a block of its own, cut to LONGEST characters and ``room`` bytes; empty where too little is left.

    Its fence is longer than any row of backticks in it, so nothing in the file ends the block.
    """
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    before, after = f"\n\nThe file {name}:\n{fence}\n", f"\n{fence}"
    room -= len((before + after + cut_after(LONGEST, size)).encode())
    part = text[:LONGEST].encode()[: max(room, 0)].decode(errors="ignore")
    if len(part.encode()) < min(LEAST, len(text.encode())):
        return ""
    whole = len(part) == len(text) and size <= READ
    return before + part + after + ("" if whole else cut_after(len(part), size))


def cut_after(length: int, size: int) -> str:
    """Tells the model that it gets only a part."""
    return f"\n[These are the first {length:,} characters of {in_words(size)}. The rest was left out.]"
