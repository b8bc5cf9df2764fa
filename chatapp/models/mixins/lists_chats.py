"""The list of a person's chats, which is that person's live page."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session

from chatapp.extensions import db
from chatapp.turbo import Lister, PreparedQuery, dom_id, render, turbo_stream

if TYPE_CHECKING:
    from ..chat import Chat

#: The most chats in the list: those joined last. A person in more finds the others on the start page.
LISTED = 500


class ListsChats(Lister):
    """A person's list has all chats of that person. Archived ones are in it without being shown, so that each change of
    the list is a change of some line."""

    def listed(self) -> "list[Chat]":
        return [chat for (chat,) in _listed().all(db.session(), {"of_user": self.id, "most": LISTED})]

    @classmethod
    def read_lists(cls, database: Session, ids: Iterable[int]) -> dict[int, tuple[int, dict[str, int]]]:
        ids = {"list_ids": list(ids)}
        # Before the chats: what changes in between is sent again, and nothing is missed.
        lists = {id: (revision, {}) for id, revision in database.execute(_revisions(cls), ids)}
        for id, chat_id, head_revision in database.execute(_heads(), ids):
            if id in lists:
                lists[id][1][f"chat:{chat_id}"] = head_revision
        return lists

    def list_fragments(self, listed: "list[Chat]") -> Markup:
        from ..chat_list import ChatList
        from ..face import profile_fragment

        html = render("chats/_list.html", self, chat_list=ChatList(self, listed))
        return turbo_stream("replace", dom_id(self, "chats"), html) + profile_fragment(self)


# Each page asks the first of these, and a crowd that comes back asks the others for all its lists. Building the
# statements takes longer than running them.
OF_THESE = bindparam("list_ids", expanding=True)


@cache
def _listed() -> PreparedQuery:
    from ..chat import Chat
    from ..membership import Membership

    own = select(Chat).join(Membership).where(Membership.user_id == bindparam("of_user"))
    joined_last = own.order_by(Membership.id.desc()).limit(bindparam("most", type_=Integer))
    return PreparedQuery(joined_last.execution_options(populate_existing=True))


@cache
def _revisions(cls: type[ListsChats]) -> Select:
    return select(cls.id, cls.revision).where(cls.id.in_(OF_THESE))


@cache
def _heads() -> Select:
    """The same chats as ``listed`` finds, for many people."""
    from ..chat import Chat
    from ..membership import Membership

    place = func.row_number().over(partition_by=Membership.user_id, order_by=Membership.id.desc()).label("place")
    own = select(Membership.user_id, Membership.chat_id, place).where(Membership.user_id.in_(OF_THESE)).subquery()
    return (
        select(own.c.user_id, Chat.id, Chat.head_revision)
        .join(Chat, Chat.id == own.c.chat_id)
        .where(own.c.place <= LISTED)
    )
