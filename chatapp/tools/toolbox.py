"""The tools of one reply, as its job uses them."""

import json
import logging
from collections.abc import Iterator

from flask import current_app

from chatapp.lib.http_clients import HangUp
from chatapp.models import Chat, Message
from chatapp.models.conversation import tokens

from . import RESULT_LIMIT, Tool, ToolError, tools_for
from .permission import asks_first

log = logging.getLogger(__name__)

BROKE = "Something broke while the tool was used."


class Toolbox:
    """The ``AToolbox`` of models/rounds.py, made anew by the job in each step in which the chat is locked."""

    def __init__(self, reply: Message):
        self._app = current_app._get_current_object()  # for the threads in which tools run
        self._tools = {tool.name: tool for tool in tools_for(reply)}

    def offered(self, room: int) -> list[dict]:
        """The tools in the form that chat models take, as many as ``room`` tokens hold."""
        described = []
        for tool in self._tools.values():
            function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            room -= tokens(json.dumps(function))
            if room < 0:
                break
            described.append({"type": "function", "function": function})
        return described

    def named(self, name: str) -> Tool | None:
        return self._tools.get(name)

    def asks_first(self, chat: Chat, tool: Tool) -> bool:
        return asks_first(chat, tool)

    def words(self, tool: Tool, arguments: dict) -> str:
        """What the call did, for people. The model may have left out an argument that the words need."""
        try:
            return str(tool.words(arguments))
        except Exception:
            return tool.title

    def use(self, tool: Tool, arguments: dict, hang_up: HangUp) -> Iterator[tuple[bool, str]]:
        """Yields once: whether it went well, and the result or the reason. Give it a thread of its own."""
        with self._app.app_context():
            try:
                yield True, tool.use(arguments, hang_up)[: RESULT_LIMIT + 1]
            except ToolError as error:
                yield False, str(error)[:RESULT_LIMIT]
            except Exception:
                log.exception("The tool %s broke", tool.name)
                yield False, BROKE
