"""MCP servers, whose tools assistants may use."""

import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import Column, ForeignKey, String, Table, Text, UniqueConstraint, false, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from chatapp.extensions import db
from chatapp.lib.locks import lock_table
from chatapp.lib.mcp_texts import NAME, TITLE, Described
from chatapp.lib.sealing import Unreadable, seal, unseal

from .mixins.timestamps import Timestamps, UTCDateTime, now

if TYPE_CHECKING:
    from typing import Self

NAME_LIMIT, URL_LIMIT, SLUG_LIMIT = 40, 500, 30
#: Characters of the name by which a model calls a tool.
CALLED_LIMIT = 64
#: The words with which names of the app's own tools begin.
RESERVED = {"search", "read"}
#: What this app calls itself at a server.
AGENT = "Plainwire"
KEY = "keys of tool servers"
LOST_KEY = "The key of this server can't be read any more. An administrator has to enter it again."

#: Which assistants may use the tools of which servers.
assistants_servers = Table(
    "assistants_servers",
    db.metadata,
    Column("assistant_id", ForeignKey("assistants.user_id", ondelete="CASCADE"), primary_key=True),
    Column("server_id", ForeignKey("tool_servers.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class ToolsChanged(RuntimeError):
    """Tools are not what somebody has read: the server describes ``changed`` in another way now, or some are gone."""

    def __init__(self, changed: "list[OfferedTool]", some_gone: bool):
        super().__init__()
        self.changed, self.some_gone = changed, some_gone


class ToolServer(Timestamps, db.Model):
    """A server, and what it offered when an administrator tried it last. Models are told that, and not what it says by
    now. So only an administrator changes what they read of a tool."""

    __tablename__ = "tool_servers"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    #: The server's name in the names of its tools.
    slug: Mapped[str] = mapped_column(String(SLUG_LIMIT), unique=True)
    url: Mapped[str] = mapped_column(String(URL_LIMIT))
    sealed_key: Mapped[str | None] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: The version of the protocol that it spoke last; empty where that is unknown.
    protocol: Mapped[str] = mapped_column(String(20), default="", server_default="")
    listed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    tools: Mapped[list["OfferedTool"]] = relationship(
        back_populates="server", cascade="all, delete-orphan", order_by="OfferedTool.name"
    )

    @classmethod
    def all(cls) -> "Sequence[Self]":
        """All servers with their tools, by name."""
        return db.session.scalars(select(cls).options(selectinload(cls.tools)).order_by(cls.name, cls.id)).all()

    @classmethod
    def add(cls, name: str, **settings) -> "Self":
        lock_table(db.session(), cls.__table__)  # two administrators may choose a name at the same moment
        server = cls(name=name, slug=cls._free_slug(name), tools=[], **settings)
        db.session.add(server)
        return server

    def change(self, name: str, **settings) -> None:
        """Change the settings. With another address, forget what it offered."""
        if name != self.name:
            lock_table(db.session(), ToolServer.__table__)
            self.name, self.slug = name, self._free_slug(name, self)
        if settings.get("url", self.url) != self.url:
            self.protocol, self.listed_at, self.tools = "", None, []
        for setting, value in settings.items():
            setattr(self, setting, value)

    def remove(self) -> None:
        db.session.delete(self)

    # Its tools

    @property
    def allowed_tools(self) -> "list[OfferedTool]":
        return [tool for tool in self.tools if tool.allowed]

    def note(self, offered: Sequence[Described], protocol: str) -> "list[OfferedTool]":
        """Take over what it offers now.

        Returns the tools that were allowed and have changed. Nobody has allowed the change, so they are off again.
        """
        offered, known = sorted(offered, key=lambda tool: tool.name), {tool.name: tool for tool in self.tools}
        tools = [known.get(tool.name) or OfferedTool(name=tool.name, allowed=False) for tool in offered]
        changed = [tool for tool, described in zip(tools, offered, strict=True) if tool.become(described)]
        self.tools, self.protocol, self.listed_at = tools, protocol, now()
        return changed

    def allow(self, read: Collection[str]) -> None:
        """Let assistants use these of its tools, each as somebody has read it, and no others.

        Raises ToolsChanged where one of them is no longer that.
        """
        if outdated := set(read) - {tool.as_read for tool in self.tools}:
            ids = {value.partition("-")[0] for value in outdated}
            changed = [tool for tool in self.tools if str(tool.id) in ids]
            raise ToolsChanged(changed, some_gone=len(changed) < len(ids))
        for tool in self.tools:
            tool.allowed = tool.as_read in read

    # Its key

    def authorization(self, secret: str) -> tuple[str, bool]:
        """The header with its key, and whether there is a key that nobody can read any more."""
        try:
            key = unseal(self.sealed_key, secret, KEY) if self.sealed_key else ""
        except Unreadable:
            return "", True
        return (key if " " in key or not key else f"Bearer {key}"), False

    @property
    def host(self) -> str:
        """The host of the server, for people."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""

    @classmethod
    def _free_slug(cls, name: str, of: "ToolServer | None" = None) -> str:
        others = select(cls.slug).where(cls.id != of.id) if of else select(cls.slug)
        taken, wanted = {*db.session.scalars(others), *RESERVED}, slug_of(name)
        numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
        return wanted if wanted not in taken else next(slug for slug in numbered if slug not in taken)


class OfferedTool(db.Model):
    """A tool, as its server describes it."""

    __tablename__ = "offered_tools"
    __table_args__ = (UniqueConstraint("server_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    server_id: Mapped[int] = mapped_column(ForeignKey("tool_servers.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(NAME))
    title: Mapped[str] = mapped_column(String(TITLE), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    #: The JSON Schema of its arguments.
    schema: Mapped[str] = mapped_column(Text, default="{}")
    allowed: Mapped[bool] = mapped_column(default=False, server_default=false())

    server: Mapped[ToolServer] = relationship(back_populates="tools")

    @property
    def shown(self) -> str:
        """Its name for people."""
        return self.title or self.name

    @property
    def parameters(self) -> dict:
        return json.loads(self.schema)

    @property
    def called(self) -> str:
        """The name by which models call it: no two tools have the same."""
        clean = re.sub(r"[^A-Za-z0-9_-]", "_", self.name)
        whole = f"{self.server.slug}_{clean}"
        if clean == self.name and len(whole) <= CALLED_LIMIT:
            return whole
        mark = sha256(self.name.encode()).hexdigest()[:6]
        return f"{whole[: CALLED_LIMIT - len(mark) - 1]}_{mark}"

    @property
    def as_read(self) -> str:
        """What a page says of the tool when it is chosen there: which one it is, and what models are told of it."""
        told = json.dumps([self.server.url, self.name, self.description, self.schema])
        return f"{self.id}-{sha256(told.encode()).hexdigest()}"

    def become(self, described: Described) -> bool:
        """Take over a description. Returns whether the tool was allowed, and may do something else now."""
        before, after = (self.description, self.schema), (described.description, json.dumps(described.parameters))
        changed = bool(self.allowed) and before != after
        self.title, self.description, self.schema = described.title, *after
        if changed:
            self.allowed = False
        return changed


def slug_of(name: str) -> str:
    """The name in lower-case letters and digits, without underscores: one stands before the name of a tool."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:24].strip("-") or "server"


def sealed(key: str, secret: str) -> str | None:
    """The key as the database stores it."""
    return seal(key, secret, KEY) if key else None
