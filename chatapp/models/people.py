"""Finds people and assistants by their names, to write to them or to add them to a chat (decision 0043)."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from chatapp.extensions import db
from chatapp.lib.addresses import EMAIL_LIMIT

from .chat import Chat
from .membership import Membership
from .user import User

#: People in one answer. To find somebody else, one types more of the name.
FOUND = 20


class People:
    """The people whom ``viewer`` may mean by ``typed``: the beginning of a word of the name, or a whole address.

    Nothing typed means the people with whom the viewer shares a chat, and assistants. Addresses match as a whole only,
    so that nobody collects them by their beginnings.
    """

    def __init__(self, viewer: User, typed: str, without: Iterable[int] = (), not_in: Chat | None = None):
        """Leaves out the members of ``not_in``. For that chat, only its managers find assistants."""
        # PostgreSQL refuses the character 0.
        self.typed = "".join(filter(str.isprintable, " ".join(typed[:EMAIL_LIMIT].split())))
        self.viewer, self.without, self.not_in = viewer, {viewer.id, *without}, not_in

    @property
    def is_address(self) -> bool:
        return "@" in self.typed

    def found(self) -> list[User]:
        """FOUND people at most: those with whom the viewer shares a chat, then the others, by their names."""
        if self.is_address:
            user = User.with_email(self.typed)
            return [user] if user and user.active and not self._is_left_out(user) else []
        known = self._shares_a_chat() | (User.kind == "assistant")
        query = self._others().where(self._is_called_so() if self.typed else known)
        return list(db.session.scalars(query.order_by(known.desc(), func.lower(User.name), User.id).limit(FOUND)))

    @property
    def _may_mean_assistants(self) -> bool:
        return self.not_in is None or self.viewer.can_manage(self.not_in)

    def _is_left_out(self, user: User) -> bool:
        return user.id in self.without or bool(self.not_in and self.not_in.membership_of(user))

    def _others(self) -> Select:
        kinds = ["person", "assistant"] if self._may_mean_assistants else ["person"]
        query = select(User).where(User.active, User.kind.in_(kinds), User.id.not_in(self.without))
        if self.not_in is None:
            return query
        return query.where(~exists().where(Membership.chat_id == self.not_in.id, Membership.user_id == User.id))

    def _is_called_so(self) -> ColumnElement[bool]:
        begins = User.name.istartswith(self.typed, autoescape=True)
        return begins | User.name.icontains(f" {self.typed}", autoescape=True)

    def _shares_a_chat(self) -> ColumnElement[bool]:
        mine, theirs = aliased(Membership), aliased(Membership)
        together = select(theirs.id).join(mine, mine.chat_id == theirs.chat_id).where(mine.user_id == self.viewer.id)
        return together.where(theirs.user_id == User.id).correlate(User).exists()
