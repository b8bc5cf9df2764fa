"""A reply whose assistant uses tools while it writes, some of them only once people have allowed it."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.orm import Mapped, declared_attr, foreign, mapped_column, relationship, remote

from chatapp.extensions import db

from ..tool_use import ToolUse
from .timestamps import now

if TYPE_CHECKING:
    from ..user import User

#: A call about which nobody has decided within this time counts as not allowed.
DECIDED_WITHIN = timedelta(minutes=10)
DENIED = "The people of this chat did not allow this call. Go on without it."


class NotTheirs(RuntimeError):
    """Somebody else decides about this: the person who asked, or a manager of the chat."""


class Tooled:
    """A reply knows the first use of a tool in the version that it shows, and that use knows the others. So a page of
    messages without tools asks for none, and a page with some asks once.

    While people are asked, no job works on the reply, and the assistant writes others meanwhile. ``leased_until`` is
    then the time at which the question ends, so that the sweep finds it, and workers of the previous release keep off.
    """

    #: Without a foreign key, because uses already refer to their message by one.
    first_use_id: Mapped[int | None] = mapped_column()

    @declared_attr
    def first_use(cls) -> Mapped["ToolUse | None"]:
        return relationship(ToolUse, primaryjoin=lambda: foreign(cls.first_use_id) == remote(ToolUse.id), viewonly=True)

    @property
    def uses(self) -> list[ToolUse]:
        """The uses of the shown version, in their order."""
        return self.first_use.fellows if self.first_use_id and self.first_use else []

    @property
    def asks(self) -> bool:
        """Whether people have to decide before it goes on."""
        return any(use.shown_state == "asking" for use in self.uses)

    @property
    def decider_id(self) -> int:
        """The person who asked for it, and may decide beside the managers of the chat."""
        return self.asker_id or self.question.author_id

    @property
    def decider(self) -> "User":
        from chatapp.models.user import User

        return db.session.get(User, self.decider_id)

    def is_decided_by(self, user: "User") -> bool:
        return user.id == self.decider_id or user.can_manage(self.chat)

    def use(self, id: int) -> ToolUse | None:
        """One of its uses, of any version."""
        found = db.session.get(ToolUse, id, populate_existing=True)
        return found if found is not None and found.message_id == self.id else None

    def ask_people(self) -> None:
        """Leave it until people have decided. The chat is locked."""
        self.note_shown()
        self.release()
        self.asks_until = self.leased_until = now() + DECIDED_WITHIN

    def decide(self, use: ToolUse, user: "User", allowed: bool) -> None:
        """Let the assistant make a call, or not; harmless where that is decided, or the reply has ended.

        Raises NotTheirs, Archived and ReadOnly.
        """
        self.lock()
        self.chat.must_take_writing_of(user)
        if not self.is_decided_by(user):
            raise NotTheirs
        db.session.refresh(use)
        if use.shown_state != "asking":
            return
        self.note_shown()
        use.state, use.result = ("running", None) if allowed else ("denied", DENIED)
        if self.asks_until and not any(other.state == "asking" for other in self.uses_of(self.version)):
            self.line_up()
            self.chat.enqueue(self)

    def uses_of(self, number: int) -> list[ToolUse]:
        """The uses of one version, read from the database."""
        mine = db.select(ToolUse).filter_by(message_id=self.id, number=number)
        return list(db.session.scalars(mine.order_by(ToolUse.round, ToolUse.place)))

    def forget_uses(self) -> None:
        """Forget the uses of the shown version, because it is written anew."""
        if self.first_use_id is not None:
            self.first_use_id = None
            mine = (ToolUse.message_id == self.id, ToolUse.number == self.version)
            db.session.execute(delete(ToolUse).where(*mine).execution_options(synchronize_session=False))
