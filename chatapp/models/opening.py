"""How a chat opens for one person: with how many messages, and with which offer after an absence."""

from collections.abc import Sequence
from functools import cache, cached_property

from markupsafe import Markup
from sqlalchemy import ColumnElement, Integer, bindparam, exists, select

from chatapp.extensions import db
from chatapp.turbo import PreparedQuery

from .chat import Chat
from .former_member import FormerMember
from .listed_chat import ListedChat
from .membership import Membership
from .message import PAGE_SIZE, Message
from .mixins.standing import standing_html
from .shown_message import ShownMessage
from .summary import Summary
from .user import User

#: The most messages on the page. A reader with more unread ones begins at the newest ones, and reads back.
MOST = 200
#: Messages before the first unread one, so that people see where they stopped.
BEFORE = 5
#: A person with more unread messages than this is offered a summary.
FEW = 20
#: What the statement finds of a chat that a job has deleted meanwhile.
GONE = None, None, None, None, False


class Opening:
    """The page of ``chat`` for ``user``. One statement reads all that the chat keeps for this person alone."""

    def __init__(self, chat: Chat, user: User, shown: Sequence[ShownMessage] = ()):
        """``shown`` are the newest messages, the oldest first, as far as the caller has read them."""
        self.chat, self.user, self._shown = chat, user, shown
        found = _of_one_person().first(db.session(), {"of_chat": chat.id, "of_user": user.id})
        self.read_id, self._summary, self._membership, self._former, self._is_behind = found or GONE

    @cached_property
    def standing(self) -> Markup:
        """The element that tells the page whether its reader is a member, and manages the chat."""
        known = self._membership or self._former
        return known.to_html() if known else standing_html(self.chat, self.user.id)

    @cached_property
    def _later(self) -> list[ShownMessage] | list[tuple]:
        """The messages after the mark, the newest first, MOST at most: ``author_id`` and ``id``."""
        if not self._is_behind:
            return []
        if self._shown and self._shown[0].id <= self.read_id:
            return [message for message in reversed(self._shown) if message.id > self.read_id]
        given = {"of_chat": self.chat.id, "read_id": self.read_id, "most": MOST}
        return _later_than().all(db.session(), given)

    @property
    def size(self) -> int:
        """PAGE_SIZE, or enough for the page to begin with what this person has read already."""
        if self.read_id is None:
            return PAGE_SIZE
        first = max((place for place, row in enumerate(self._later, 1) if row.author_id != self.user.id), default=0)
        return PAGE_SIZE if first == MOST else max(PAGE_SIZE, min(first + BEFORE, MOST))

    # Catching up

    @property
    def summary(self) -> Summary | None:
        """The summary that this person has asked for, until it is dismissed."""
        return None if self._summary is None or self._summary.state == "dismissed" else self._summary

    @property
    def offers_summary(self) -> bool:
        """Whether there is much to catch up on, and the chat lets the assistant read it."""
        if self.read_id is None or self.summary or self.chat.assistant == "never":
            return False
        return self.unread > FEW

    @property
    def since(self) -> int:
        """The message after which the person has to catch up: the mark, or the end of a dismissed summary."""
        return max(self.read_id, self._summary.last_id if self._summary else 0)

    @property
    def unread(self) -> int:
        return sum(row.author_id != self.user.id and row.id > self.since for row in self._later)

    @property
    def unread_words(self) -> str:
        """``"34"``, or ``"200+"`` where there may be more."""
        return f"{self.unread}{'+' if len(self._later) == MOST else ''}"


# Every page asks these. Building the statements takes longer than running them.

_CHAT, _USER = bindparam("of_chat"), bindparam("of_user")


@cache
def _of_one_person() -> PreparedQuery:
    behind = exists(select(1).where(*_shown_after(ListedChat.read_id)).correlate(ListedChat)).label("is_behind")
    query = select(ListedChat.read_id, Summary, Membership, FormerMember, behind).select_from(Chat)
    for model in (ListedChat, Summary, Membership, FormerMember):
        query = query.outerjoin(model, (model.chat_id == Chat.id) & (model.user_id == _USER))
    return PreparedQuery(query.where(Chat.id == _CHAT))


@cache
def _later_than() -> PreparedQuery:
    later = select(Message.author_id, Message.id).where(*_shown_after(bindparam("read_id")))
    return PreparedQuery(later.order_by(Message.id.desc()).limit(bindparam("most", type_=Integer)))


def _shown_after(read_id: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    return Message.chat_id == _CHAT, Message.deleted_at.is_(None), Message.id > read_id
