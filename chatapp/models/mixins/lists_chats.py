"""The list of a person's chats, which is that person's live page."""

from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.turbo import Lister, dom_id, render, turbo_stream

if TYPE_CHECKING:
    from ..chat import Chat

#: Chats in the list, those joined last. Who is in more finds the others on the start page.
LISTED = 500


class ListsChats(Lister):
    """A person's list has all chats of that person. Archived ones are in it without being shown, so that each change of
    the list is a change of some line."""

    def listed(self) -> "list[Chat]":
        from ..chat import Chat
        from ..membership import Membership

        own = select(Chat).join(Membership).where(Membership.user_id == self.id)
        joined_last = own.order_by(Membership.id.desc()).limit(LISTED)
        return list(db.session.scalars(joined_last.execution_options(populate_existing=True)))

    def list_fragments(self, listed: "list[Chat]") -> Markup:
        from ..chat_list import ChatList
        from ..face import profile_fragment

        html = render("chats/_list.html", self, chat_list=ChatList(self, listed))
        return turbo_stream("replace", dom_id(self, "chats"), html) + profile_fragment(self)
