"""The messages of a chat, a page at a time."""

from sqlalchemy import ColumnElement, Select

from chatapp.extensions import db

from ..message import PAGE_SIZE, Message

#: Messages on each side of the one that a link leads to.
AROUND = PAGE_SIZE // 2


class Paged:
    """Messages come in the order of their ids, the deleted ones left out."""

    def page_of_messages(self, before: int | None = None, size: int = PAGE_SIZE) -> tuple[list[Message], bool]:
        """The newest messages, or those before a message id, oldest first; and whether there are older ones."""
        query = self._shown(Message.id < before if before is not None else None).order_by(Message.id.desc())
        newest_first, older = _cut(query, size)
        return newest_first[::-1], older

    def messages_after(self, id: int, size: int = PAGE_SIZE) -> tuple[list[Message], bool]:
        """The messages that follow on a message id, oldest first; and whether there are newer ones."""
        return _cut(self._shown(Message.id > id).order_by(Message.id), size)

    def messages_around(self, message: Message) -> tuple[list[Message], bool, bool]:
        """``message`` among its neighbours, oldest first; and whether there are older and newer ones."""
        before, older = self.page_of_messages(message.id, AROUND)
        after, newer = self.messages_after(message.id, AROUND)
        return [*before, message, *after], older, newer

    def _shown(self, condition: ColumnElement[bool] | None) -> Select:
        query = Message.shown().where(Message.chat_id == self.id)
        return query if condition is None else query.where(condition)


def _cut(query: Select, size: int) -> tuple[list[Message], bool]:
    """At most ``size`` of what ``query`` finds, and whether it finds more."""
    found = db.session.scalars(query.limit(size + 1)).all()
    return list(found[:size]), len(found) > size
