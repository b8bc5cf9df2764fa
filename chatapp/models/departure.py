"""The departure of a member, which never leaves a chat without a manager or a reader."""

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from chatapp.extensions import db

from .chat import Chat
from .membership import Membership

if TYPE_CHECKING:
    from .user import User


class Departure:
    """``user``, a member, leaves ``chat``. Says what the user has to settle first."""

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
        """True when nobody else could read the chat or add somebody. People of a direct chat can always come back."""
        return not self.chat.is_direct and not self.others

    @property
    def needs_successor(self) -> bool:
        """True when nobody else manages the chat."""
        return self.chat.manager_ids == {self.user.id}

    def leave(self, successor_id: int | None = None) -> bool:
        """Leave. Returns False and changes nothing for the last person, or where a successor is missing."""
        # Two managers may leave at the same moment. The lock lets the second one see that the first has gone.
        self.chat.lock()
        others = {membership.user_id: membership for membership in self.others}
        if self.is_last or (self.needs_successor and successor_id not in others):
            return False
        if self.needs_successor:
            others[successor_id].manager = True
        if membership := self.chat.membership_of(self.user):
            self.chat.dismiss(membership, by_choice=True)
        return True
