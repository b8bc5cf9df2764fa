"""The tools that assistants use while they write. Each looks something up, or does something, and says what came of it.

A model calls a tool by its name, with arguments that fit ``parameters``. What models read easily talks them into
things. So a tool takes nothing on trust: it looks everything up as the person who asked, and bounds its work.
"""

from typing import TYPE_CHECKING

from chatapp.lib.http_clients import HangUp
from chatapp.models.tool_use import RESULT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatapp.models import Message

__all__ = ["RESULT_LIMIT", "Tool", "ToolError", "registry", "tools_for"]


class ToolError(Exception):
    """The call came to nothing. The text is a reason, for the model and for people."""


class Tool:
    """The model calls it ``name``, and people see ``title``. ``parameters`` is the JSON Schema of an object.

    It holds ids and no records: it is made in one transaction, and used without any, in another thread.
    """

    name: str
    title: str
    description: str
    parameters: dict
    #: An icon of layouts/_icons.html.
    icon = "tool"
    #: Whether a call may be repeated where nobody knows if it was made: by a worker that follows a killed one.
    repeatable = True
    #: Whether it tells anything to the world outside of this installation.
    reaches_out = True

    def words(self, arguments: dict) -> str:
        """What a call of it did, as one line for people: ``'Searched this chat for “budget”'``."""
        return self.title

    def use(self, arguments: dict, hang_up: HangUp) -> str:
        """Returns a text for the model. Raises ToolError. Takes 15 seconds at most, and ends soon after ``hang_up()``.

        No transaction is open. It runs in an app context of its own, and commits nothing.
        """
        raise NotImplementedError


#: More sources of tools, for tests: each returns those that the assistant of a reply may use for its asker.
registry: "list[Callable[[Message], list[Tool]]]" = []


def tools_for(reply: "Message") -> list[Tool]:
    """The tools that the assistant of this reply may use for its asker in this chat. The chat is locked."""
    from .given import given_for

    return [*given_for(reply), *(tool for source in registry for tool in source(reply))]
