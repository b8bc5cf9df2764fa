"""A tool of an MCP server that an administrator has added."""

from typing import TYPE_CHECKING

from chatapp.extensions import db
from chatapp.lib.http_clients import HangUp
from chatapp.lib.mcp_client import McpError, connected
from chatapp.lib.mcp_texts import as_json
from chatapp.lib.plain_texts import in_one_line
from chatapp.models import Assistant
from chatapp.models.tool_server import AGENT, LOST_KEY

from . import ToolError
from .asked import USE_WITHIN, AskedTool, quoted, untrusted

if TYPE_CHECKING:
    from chatapp.models.tool_server import OfferedTool

#: Seconds for the server. The rest is for our own reading.
ANSWER_WITHIN = USE_WITHIN - 1
#: The most characters of what a tool says when it has failed.
REASON = 500
GONE = "This tool is not there any more."


class ServedTool(AskedTool):
    #: A second call could do harm, because nobody here knows what the tool does.
    repeatable = False

    def __init__(self, chat_id: int, asker_id: int, assistant_id: int, tool: "OfferedTool"):
        super().__init__(chat_id, asker_id)
        self.assistant_id, self.tool_id = assistant_id, tool.id
        self.server, self.own_name = tool.server.name, tool.name
        self.name, self.title = tool.called, f"{tool.server.name}: {tool.shown}"
        self.description, self.parameters = tool.description or tool.shown, tool.parameters
        self.shown = tool.shown

    def words(self, arguments: dict) -> str:
        given = ", ".join(f"{name}: {in_one_line(value, 60)}" for name, value in arguments.items()) if arguments else ""
        return f"Used {self.shown} of {self.server}" + (f" with {quoted(given)}" if given else "")

    def use(self, arguments: dict, hang_up: HangUp) -> str:
        if as_json(arguments) is None:
            raise ToolError("The arguments can't be sent.")
        url, authorization, protocol = self._connection()
        try:
            with connected(url, authorization, AGENT, ANSWER_WITHIN, hang_up, protocol) as client:
                result = client.call(self.own_name, arguments)
        except McpError as error:
            raise ToolError(str(error)) from error
        if result.failed:
            raise ToolError(in_one_line(result.text, REASON))
        return untrusted(f"the answer of the server {self.server}", result.text)

    def _connection(self) -> tuple[str, str, str]:
        """How to reach the server. Asked anew, because an administrator may have taken the tool away."""
        with self.app.app_context():
            self.asker()
            assistant = db.session.get(Assistant, self.assistant_id)
            given = assistant.served_tools if assistant else []
            server = next((tool.server for tool in given if tool.id == self.tool_id), None)
            if server is None:
                raise ToolError(GONE)
            authorization, lost = server.authorization(self.app.config["SECRET_KEY"])
            if lost:
                raise ToolError(LOST_KEY)
            return server.url, authorization, server.protocol
