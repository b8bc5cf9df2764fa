"""The tools that an assistant has been given."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from ..tool_server import OfferedTool, ToolServer, assistants_servers

#: The tools that need no server: search in the chat, and pages of the web.
BUILT_IN_TOOLS = ("search", "web")


class Equipped:
    """An assistant has no tools until an administrator gives it some."""

    #: The names from BUILT_IN_TOOLS that it may use, with spaces between them.
    tools: Mapped[str] = mapped_column(String(100), default="", server_default="")

    #: The servers whose allowed tools it may use.
    @declared_attr
    def servers(cls) -> Mapped[list[ToolServer]]:
        return relationship(ToolServer, secondary=assistants_servers, order_by=ToolServer.name)

    @property
    def built_in_tools(self) -> list[str]:
        return [name for name in BUILT_IN_TOOLS if name in (self.tools or "").split()]

    @property
    def served_tools(self) -> list[OfferedTool]:
        return [tool for server in self.servers if server.enabled for tool in server.allowed_tools]

    @property
    def has_tools(self) -> bool:
        return bool(self.built_in_tools or self.served_tools)
