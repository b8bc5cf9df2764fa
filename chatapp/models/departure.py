"""A member leaves a chat, and does not leave it to nobody."""

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from chatapp.extensions import db

from .chat import Chat
from .membership import Membership

if TYPE_CHECKING:
    from .user import User


class Departure:
    """``user``, a member, leaves ``chat``. What has to be settled before, it says."""

    def __init__(self, chat: Chat, user: "User"):
        self.chat, self.user = chat, user

    @property
    def others(self) -> list[Membership]:
        """The people who stay, the longest-standing first."""
        staying = select(Membership).where(Membership.chat_id == self.chat.id, Membership.user_id != self.user.id)
        staying = staying.where(Membership.is_active()).options(joinedload(Membership.user))
        return list(db.session.scalars(staying.order_by(Membership.id)))

    @property
    def is_last(self) -> bool:
        """Without this person, nobody could read the chat and bring somebody in."""
        return not self.others

    @property
    def needs_successor(self) -> bool:
        """Without this person, nobody would manage the chat."""
        return self.chat.manager_ids == {self.user.id}

    def leave(self, successor_id: int | None = None) -> bool:
        """Go. False, and nothing has changed, where there is nobody else, or nobody was chosen who could manage it."""
        # Two managers may leave at the same moment: the second one sees that the first is gone.
        self.chat.lock()
        others = {membership.user_id: membership for membership in self.others}
        if not others or (self.needs_successor and successor_id not in others):
            return False
        if self.needs_successor:
            others[successor_id].manager = True
        if membership := self.chat.membership_of(self.user):
            self.chat.dismiss(membership)
        return True
