"""The messages of a chat, a page at a time."""

from ..message import PAGE_SIZE, Message
from ..shown_message import Page, ShownMessage, newest_page, page_after

#: Messages on each side of the one that a link leads to.
AROUND = PAGE_SIZE // 2


class Paged:
    """Messages come in the order of their ids, the deleted ones left out."""

    def page_of_messages(self, before: int | None = None, size: int = PAGE_SIZE) -> Page:
        """The newest messages, or those before a message id, oldest first; and whether there are older ones."""
        return newest_page(Message.chat_id, self.id, size, before)

    def messages_after(self, id: int, size: int = PAGE_SIZE) -> Page:
        """The messages that follow on a message id, oldest first; and whether there are newer ones."""
        return page_after(Message.chat_id, self.id, size, id)

    def messages_around(self, message: Message) -> tuple[list[ShownMessage], bool, bool]:
        """``message`` among its neighbours, oldest first; and whether there are older and newer ones."""
        before, older = self.page_of_messages(message.id, AROUND)
        after, newer = self.messages_after(message.id - 1, AROUND + 1)
        return [*before, *after], older, newer
