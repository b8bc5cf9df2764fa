"""One use of a tool by an assistant, while it writes a reply."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from chatapp.extensions import db
from chatapp.lib.llm import storable
from chatapp.lib.llm_calls import ID_LIMIT, read_arguments

from .mixins.timestamps import UTCDateTime

if TYPE_CHECKING:
    from .message import Message

#: Characters.
RESULT_LIMIT, WORDS_LIMIT, TITLE_LIMIT, NAME_LIMIT, ICON_LIMIT = 8_000, 200, 100, 64, 20
#: Characters of the arguments in a row of a chat, and up to which their JSON is indented.
GIVEN_LIMIT = 2_000
LEFT_OUT = "\n\n… The rest was left out."
#: States in which a call has no result yet.
UNFINISHED = ("asking", "running")


class ToolUse(db.Model):
    """A call that the model made. It is saved before the tool is used, and again when its result is there. So the next
    job of a reply knows what the model was told.

    ``state`` is ``asking`` until people have decided, ``running``, and in the end ``done``, ``failed`` or ``denied``.
    """

    __tablename__ = "tool_uses"
    __table_args__ = (UniqueConstraint("message_id", "number", "round", "place"),)

    broadcast_touches = ("message",)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    #: The number of the reply's version.
    number: Mapped[int]
    #: The number of the model's answer that it is part of, from 1 on, and its place among the calls of that answer.
    round: Mapped[int]
    place: Mapped[int]
    #: Characters of the reply's text that stood before it.
    stands_at: Mapped[int]
    call_id: Mapped[str] = mapped_column(String(ID_LIMIT))
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    #: What it did, for people.
    words: Mapped[str] = mapped_column(String(WORDS_LIMIT))
    icon: Mapped[str] = mapped_column(String(ICON_LIMIT))
    #: The arguments as the model wrote them.
    arguments: Mapped[str] = mapped_column(Text)
    #: What the tool found, or why it failed. Pages of messages don't load it.
    result: Mapped[str | None] = mapped_column(Text, deferred=True)
    state: Mapped[str] = mapped_column(String(20))
    #: When the tool was first used. None while people are asked, or while others are used first.
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    message: Mapped["Message"] = relationship()
    #: All uses in the same version, including this one.
    fellows: Mapped[list["ToolUse"]] = relationship(
        primaryjoin=lambda: and_(
            ToolUse.message_id == foreign(remote(ToolUse.message_id)),
            ToolUse.number == foreign(remote(ToolUse.number)),
        ),
        order_by=lambda: (ToolUse.round, ToolUse.place),
        viewonly=True,
    )

    @property
    def shown_state(self) -> str:
        """``state``, or ``left`` where its reply has ended before it."""
        return "left" if self.state in UNFINISHED and not self._goes_on else self.state

    @property
    def _goes_on(self) -> bool:
        return self.message.generating and self.message.version == self.number

    @property
    def line(self) -> str:
        """What it does or did, in one line."""
        return {
            "asking": f"Wants to use: {self.title}",
            "running": f"{self.title} …",
            "failed": f"{self.title}: did not work",
            "denied": f"{self.title}: not allowed",
            "left": f"{self.title}: not finished",
        }.get(self.shown_state, self.words)

    @property
    def given(self) -> str:
        """All arguments for people: one in a line, or as they came where they can't be read."""
        arguments = read_arguments(self.arguments)
        if arguments is None:
            return self.arguments
        # Many small values become ten times as long by indentation.
        given = listed(arguments, indent=1)
        # JSON can spell half a character, which no page can show.
        return storable(given if len(given) <= GIVEN_LIMIT else listed(arguments, indent=None))

    @property
    def glance(self) -> tuple[str, bool]:
        """How ``given`` begins, for a row of a chat, and whether there is more."""
        given = self.given
        return cut(given, GIVEN_LIMIT), len(given) > GIVEN_LIMIT

    @property
    def text(self) -> str:
        """What it was given, and what it gave back."""
        return "\n\n".join(part for part in (self.given, self.result) if part)


def listed(arguments: dict, indent: int | None) -> str:
    """Arguments as people read them."""
    return "\n".join(f"{name}: {shown(value, indent)}" for name, value in arguments.items())


def shown(value, indent: int | None) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=indent)


def cut(text: str, limit: int, end: str = "…") -> str:
    """``text`` in ``limit`` characters at most."""
    return text if len(text) <= limit else text[: limit - len(end)] + end
