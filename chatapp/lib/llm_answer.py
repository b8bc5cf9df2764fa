"""Reads the answers of a language model's server: server-sent events, each a line of JSON. Any part may be wrong,
endless or huge."""

import json
import time
from collections.abc import Iterator
from contextlib import closing

import httpx2

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


class CutOff(Exception):
    """The model stopped at its limit of tokens. The text up to there is good."""


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


def spoken(chunks: Iterator[bytes]) -> Iterator[str]:
    """The text of a streamed chat completion in pieces, some of them empty.

    Raises CutOff after the last piece if the model stopped at its limit of tokens, and ModelError for anything but a
    completion.
    """
    finished = None
    for line in lines(chunks):
        data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
        if data == b"[DONE]":
            finished = finished or "stop"
            break
        piece, reason = said(data) if data else ("", None)
        finished = reason or finished
        yield piece
    if finished is None:
        raise ModelError(BROKEN_OFF)
    if finished == "length":
        raise CutOff


def lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The non-empty lines of a stream. A chunk that ends no line gives a comment, because it is a sign of life."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise ModelError(TOO_MUCH)
        yield from filter(None, whole or [b":"])


def said(data: bytes) -> tuple[str, str | None]:
    """The text of one event, and the reason why the model ends with it, or None."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelError(UNREADABLE) from error
    match event:
        case {"error": _}:
            raise ModelError("The model could not answer this.")
        case {"choices": [dict() as choice, *_]}:
            delta, reason = choice.get("delta"), choice.get("finish_reason")
            text = delta.get("content") if isinstance(delta, dict) else None
            return text if isinstance(text, str) else "", reason if isinstance(reason, str) else None
    return "", None


def storable(text: str) -> str:
    """``text`` without the NULs and lone surrogates that a database refuses. Joins surrogates that match."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
