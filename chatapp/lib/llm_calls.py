"""Calls of tools in the streamed answer of a language model. Any part may be missing, endless or of another type."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .llm_answer import storable
from .nesting import is_nested_deeper

#: Calls kept of one answer, bytes of the arguments of one, and levels of them.
MOST_CALLS, ARGUMENTS_LIMIT, LEVELS = 8, 8_000, 20
#: Characters of an id. Ours are short, and some servers refuse their own long ones when a request repeats them.
ID_LIMIT = 64
#: An event with calls. Many servers send an empty list, or null, with each of the others.
_CALLS = re.compile(rb'"tool_calls"\s*:\s*\[\s*\{')
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")

UNREADABLE = "The arguments are not a JSON object."
TOO_DEEP = f"The arguments are JSON with more than {LEVELS} levels. Send flatter ones."
TOO_LONG = f"The arguments are longer than {ARGUMENTS_LIMIT:,} bytes."
NAMELESS = "The call names no tool."


@dataclass(frozen=True)
class Call:
    """One call of a tool. ``text`` is what the model wrote as ``arguments``, ARGUMENTS_LIMIT bytes at most.

    ``error`` tells the model why the call can't be made; ``arguments`` are then empty.
    """

    id: str
    name: str
    text: str
    arguments: dict
    error: str | None = None


class Calls:
    """Collects the calls of one answer from its events."""

    def __init__(self):
        self._known: list[_Fragments] = []
        self._last: _Fragments | None = None

    def read(self, data: bytes) -> None:
        """Take the fragments of calls in one event, which was read as JSON before."""
        if not _CALLS.search(data):
            return
        match json.loads(data):
            case {"choices": [{"delta": {"tool_calls": [*fragments]}}, *_]}:
                for fragment in fragments:
                    if isinstance(fragment, dict) and (call := self._call_of(fragment)):
                        call.take(fragment)

    def collected(self) -> list[Call]:
        """All calls, in the order in which they began, each with an id of its own."""
        taken: set[str] = set()
        return [fragments.call(place, taken) for place, fragments in enumerate(self._known)]

    def _call_of(self, fragment: dict) -> "_Fragments | None":
        """The call that a fragment belongs to: by its index, else by its id; without either, the last one. None for
        calls after the first MOST_CALLS."""
        index, id = fragment.get("index"), fragment.get("id")
        key = index if type(index) is int else id if isinstance(id, str) and id else None
        if key is not None:
            self._last = next((call for call in self._known if call.key == key), None) or self._begun(key)
        elif self._last is None:
            self._last = self._begun(None)
        return self._last

    def _begun(self, key: int | str | None) -> "_Fragments | None":
        if len(self._known) == MOST_CALLS:
            return None
        self._known.append(_Fragments(key))
        return self._known[-1]


class _Fragments:
    """What has arrived of one call so far."""

    def __init__(self, key: int | str | None):
        self.key, self.id, self.name, self.text, self.is_full = key, "", "", "", False

    def take(self, fragment: dict) -> None:
        self.id = self.id or text_of(fragment.get("id"))[:ID_LIMIT]
        function = fragment.get("function")
        function = function if isinstance(function, dict) else {}
        name = text_of(function.get("name"))
        if name != self.name and len(self.name) <= ID_LIMIT:  # some servers repeat it
            self.name += name
        more = function.get("arguments")
        # Some servers send them as an object, as Ollama's own interface does.
        more = json.dumps(more) if isinstance(more, dict) else text_of(more)
        if not self.is_full:
            self.text += more
            self.is_full = len(self.text.encode(errors="replace")) > ARGUMENTS_LIMIT

    def call(self, place: int, taken: set[str]) -> Call:
        id = storable(self.id) or f"call_{place}"
        id = id if id not in taken else f"call_{place}_{len(taken)}"
        taken.add(id)
        text = storable(self.text).encode()[:ARGUMENTS_LIMIT].decode(errors="ignore")
        if not NAME.fullmatch(self.name):
            return Call(id, "", text, {}, NAMELESS)
        if self.is_full:
            return Call(id, self.name, text, {}, TOO_LONG)
        try:
            return Call(id, self.name, text, arguments_in(text))
        except ValueError as flaw:
            return Call(id, self.name, text, {}, str(flaw))


def text_of(value: Any) -> str:
    """``value`` if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def read_arguments(text: str) -> dict | None:
    """The arguments in ``text``, which is empty for a tool without any; None if it is no JSON object, or too deep."""
    try:
        return arguments_in(text)
    except ValueError:
        return None


def arguments_in(text: str) -> dict:
    """As above. Raises ValueError with a reason for the model."""
    try:
        arguments = json.loads(text) if text.strip() else {}
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error
    except ValueError as error:
        raise ValueError(UNREADABLE) from error
    if not isinstance(arguments, dict):
        raise ValueError(UNREADABLE)
    if is_nested_deeper(arguments, LEVELS):
        raise ValueError(TOO_DEEP)
    return arguments


def in_request(calls: Iterator[tuple[str, str, str]]) -> list[dict]:
    """Calls, each as ``(id, name, text)``, as a later request repeats them. Servers refuse arguments that are not a
    JSON object, so an empty object replaces them."""
    return [
        {
            "id": id,
            "type": "function",
            "function": {"name": name or "unknown", "arguments": text if text.strip() and is_object(text) else "{}"},
        }
        for id, name, text in calls
    ]


def is_object(text: str) -> bool:
    """Whether ``text`` is a JSON object that is not too deep."""
    return read_arguments(text) is not None
