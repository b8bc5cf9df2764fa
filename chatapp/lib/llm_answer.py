"""Reads the answers of a language model's server: server-sent events, each a line of JSON. Any part may be wrong,
endless or huge."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Protocol

import httpx2

DECLINED = "The model declined to answer this. Ask in other words."
BROKEN_OFF = "The connection to the model broke off."
TOO_LONG = "The model took too long to answer."
TOO_MUCH = "The model said too much at once."
UNREADABLE = "The model's answer is not one that can be read."

#: Bytes of a whole answer. A token of one letter takes about 300 bytes on the wire.
MOST = 16 * 1024 * 1024
#: Bytes of one event.
LONGEST_LINE = 4 * 1024 * 1024


class ModelError(Exception):
    """The model gave no answer. The text is a reason to show to people."""


class EndedEarly(ModelError):
    """The answer ended before the model had finished."""


class CutOff(Exception):
    """The model stopped at its limit of tokens. The text up to there is good."""


class Reader(Protocol):
    """Reads the events of an answer for something other than its text."""

    def read(self, data: bytes) -> None:
        """Take what is of interest in one event. ``data`` may be empty."""


class Thought(str):
    """A piece of what a model thinks before it answers, in ``words``. As a text it is empty, so code that only reads
    the answer takes it for a sign of life."""

    words: str

    def __new__(cls, words: str) -> "Thought":
        thought = super().__new__(cls, "")
        thought.words = words
        return thought


def body(response: httpx2.Response, deadline: float, most: int = MOST) -> Iterator[bytes]:
    """The bytes of a response as they arrive.

    Raises ModelError after ``most`` bytes or after ``deadline`` (by ``time.monotonic``). Closes the response.
    """
    received = 0
    with closing(response):
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise ModelError(UNREADABLE)
        for chunk in response.iter_raw():
            received += len(chunk)
            if received > most:
                raise ModelError(TOO_MUCH)
            if time.monotonic() > deadline:
                raise ModelError(TOO_LONG)
            yield chunk


def spoken(chunks: Iterator[bytes], *readers: Reader) -> Iterator[str]:
    """The text of a streamed chat completion in pieces, some of them empty, such as each Thought. Each of ``readers``
    also reads every event, such as for counts of tokens and calls of tools.

    Raises CutOff after the last piece if the model stopped at its limit of tokens, EndedEarly without an end, and
    ModelError for anything but a completion.
    """
    finished = None
    for line in lines(chunks):
        data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
        if data == b"[DONE]":
            finished = finished or "stop"
            break
        thought, piece, reason = said(data) if data else ("", "", None)
        for reader in readers:
            reader.read(data)
        finished = reason or finished
        if thought:
            yield Thought(thought)
        yield piece
    if finished is None:
        raise EndedEarly(BROKEN_OFF)
    if finished == "content_filter":
        raise ModelError(DECLINED)
    if finished == "length":
        raise CutOff


def whole_characters(pieces: Iterator[str]) -> Iterator[str]:
    """``pieces``, none of which ends within a character. Some servers send a character above U+FFFF in two halves.

    Raises what ``pieces`` raises.
    """
    held = ""
    try:
        for piece in pieces:
            if isinstance(piece, Thought) or not piece:
                yield piece
                continue
            piece = joined(held + piece)
            held = piece[-1] if "\ud800" <= piece[-1] <= "\udbff" else ""
            yield piece.removesuffix(held)
    except CutOff:
        yield held
        raise
    yield held


def joined(text: str) -> str:
    """``text`` with the two halves of each character joined."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The non-empty lines of a stream. A chunk that ends no line gives a comment, because it is a sign of life."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise ModelError(TOO_MUCH)
        yield from filter(None, whole or [b":"])


def said(data: bytes) -> tuple[str, str, str | None]:
    """What the model thinks and what it says in one event, and the reason why it ends there, or None."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelError(UNREADABLE) from error
    match event:
        case {"error": _}:
            raise ModelError("The model could not answer this.")
        case {"choices": [dict() as choice, *_]}:
            delta, reason = choice.get("delta"), choice.get("finish_reason")
            delta = delta if isinstance(delta, dict) else {}
            thought = text_in(delta, "reasoning_content") or text_in(delta, "reasoning")
            text = text_in(delta, "content") or text_in(delta, "refusal")
            return thought, text, reason if isinstance(reason, str) else None
    return "", "", None


def text_in(delta: dict, name: str) -> str:
    """The text that ``delta`` has under ``name``; empty if it has no such text."""
    text = delta.get(name)
    return text if isinstance(text, str) else ""


def storable(text: str) -> str:
    """``text`` without the NULs and lone surrogates that a database refuses. Joins surrogates that match."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
