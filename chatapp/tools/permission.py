"""Whether people are asked before an assistant uses a tool."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatapp.models import Chat

    from . import Tool


def asks_first(chat: "Chat", tool: "Tool") -> bool:
    """Whether somebody in ``chat`` has to allow each use of this tool.

    A tool that only reads in the chat tells nobody anything new, so nobody is asked about it. A chat that uses none has
    not said that others may be used unasked.
    """
    return chat.tools != "use" and tool.reaches_out
