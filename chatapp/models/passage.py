"""The text of a reply, while a model goes on with it."""

import re

#: Up to 40 characters without a space. What is longer is an address, or a language that puts no spaces between words.
LAST_WORD = re.compile(r"(?<!\S)\S{1,40}\Z")
PARAGRAPH = "\n\n"


class Passage:
    """What one answer of the model adds to ``text``. The first ``begins_at`` characters belong to earlier answers,
    which called tools; the text after them is the beginning of this answer, which broke off."""

    def __init__(self, text: str, begins_at: int):
        self.text = text
        before, own = text[:begins_at], whole_words(text[begins_at:])
        #: The beginning that the model is asked to go on with.
        self.begun = own.lstrip() if before else own
        #: Whether an earlier answer has said something, so that this one may be silent.
        self.follows = bool(before)
        self._is_new = self.follows and not self.begun
        self._words = before + (PARAGRAPH if self._is_new else own)

    def followed_by(self, said: str) -> str:
        """The whole text, once the model has said this much."""
        if not said.strip():
            return self.text
        text = joined(self._words, said.lstrip() if self._is_new else said)
        # What people have read does not go away while the model writes the last word again.
        return self.text if self.text.startswith(text) else text


def whole_words(text: str) -> str:
    """The text without its last word. The limit may have cut that word in two, and nothing in the continuation would
    show it, so the model writes the word once more."""
    return LAST_WORD.sub("", text)


def joined(words: str, said: str) -> str:
    """Both parts as one text. Where a space stands already, drops the one that the model may have repeated."""
    return words + (said.lstrip(" ") if words[-1:].isspace() else said)
