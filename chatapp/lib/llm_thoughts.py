"""For models that write what they think at the beginning of their answer."""

from collections.abc import Iterator

from .llm_answer import CutOff, Thought

OPENING, CLOSING = "<think>", "</think>"


def told_apart(pieces: Iterator[str]) -> Iterator[str]:
    """``pieces`` of an answer, with a Thought in place of what stands between ``<think>`` and ``</think>`` at its
    beginning. Yields one or more pieces for each, some of them empty.

    Raises what ``pieces`` raises.
    """
    tags = _Tags()
    try:
        for piece in pieces:
            yield from tags.feed(piece) if piece else [piece]
    except CutOff:
        yield from tags.rest()
        raise
    yield from tags.rest()


class _Tags:
    """Reads the beginning of an answer. What may be a part of a tag is held back until it is known."""

    def __init__(self):
        self.held, self.read = "", self._before

    def feed(self, piece: str) -> Iterator[str]:
        self.held += piece
        yield from self.read()

    def rest(self) -> Iterator[str]:
        held, self.held = self.held, ""
        if held:
            yield Thought(held) if self.read == self._inside else held

    def _before(self) -> Iterator[str]:
        begun = self.held.lstrip()
        if begun.startswith(OPENING):
            self.held, self.read = begun.removeprefix(OPENING), self._inside
            yield from self._inside()
        elif OPENING.startswith(begun):
            yield ""
        else:
            self.read = self._behind
            yield from self._behind()

    def _inside(self) -> Iterator[str]:
        thought, closed, answer = self.held.partition(CLOSING)
        if closed:
            self.held, self.read = answer, self._between
            yield Thought(thought)
            yield from self._between()
            return
        kept = max(n for n in range(len(CLOSING)) if thought.endswith(CLOSING[:n]))
        self.held = thought[len(thought) - kept :]
        yield Thought(thought[: len(thought) - kept])

    def _between(self) -> Iterator[str]:
        """The empty lines before the answer."""
        self.held = self.held.lstrip()
        if self.held:
            self.read = self._behind
        yield from self._behind()

    def _behind(self) -> Iterator[str]:
        answer, self.held = self.held, ""
        yield answer
