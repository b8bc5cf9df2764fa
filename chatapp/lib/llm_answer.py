"""Reading what the server of a language model sends: server-sent events, each a line of JSON. Any of it may be wrong,
endless, or huge."""

import json
import time
from collections.abc import Iterator
from contextlib import closing

import httpx2

BROKEN_OFF = "The connection to the model broke off."
TOO_LONG = "The model took too long to answer."
TOO_MUCH = "The model said too much at once."
UNREADABLE = "The model's answer is not one that can be read."

#: Bytes of a whole answer. A token of one letter costs some 300 on the way.
MOST = 16 * 1024 * 1024
#: Bytes of one event.
LONGEST_LINE = 4 * 1024 * 1024


class ModelError(Exception):
    """The model gave no answer. The text is a reason to show to people."""


class CutOff(Exception):
    """The model stopped at its limit of tokens. What it said until then is good."""


def body(response: httpx2.Response, deadline: float, most: int = MOST) -> Iterator[bytes]:
    """The bytes of a response as they come, at most ``most`` of them, until ``deadline`` (of ``time.monotonic``).

    Raises ModelError beyond that. The response is closed at the end.
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

    Raises CutOff after the last one if the model stopped at its limit of tokens; ModelError for what is no completion.
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
    """The lines of a stream that say anything, and a comment for each chunk that ends none: it is a sign of life."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise ModelError(TOO_MUCH)
        yield from filter(None, whole or [b":"])


def said(data: bytes) -> tuple[str, str | None]:
    """What one event says, and why the model ends with it, if it does."""
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
    """``text`` without what a database refuses: NULs, and halves of surrogate pairs. Halves that meet are joined."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
