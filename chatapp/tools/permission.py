"""Whether people are asked before an assistant uses a tool."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatapp.models import Chat

    from . import Tool


def asks_first(chat: "Chat", tool: "Tool") -> bool:
    """Whether somebody in ``chat`` has to allow each use of this tool.

    A tool that only reads in the chat tells nobody anything new, so nobody is asked about it.
    """
    return chat.tools == "ask" and tool.reaches_out
