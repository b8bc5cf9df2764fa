"""The element of a chat's page that tells whether its reader is a member, and manages the chat."""

from markupsafe import Markup
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.turbo import Broadcastable, dom_id, render, turbo_stream


class Standing(Broadcastable):
    """All readers are sent each change in a short fragment. Only one person's page has the element that it replaces."""

    broadcast_ignores = frozenset({"revision"})

    #: The header counts the members.
    broadcast_touches = ("chat",)

    is_member: bool
    manages: bool = False

    revision: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def broadcast_to(self):
        return self.chat

    def stamp(self, revision: int, created: bool) -> None:
        self.revision = revision

    def to_html(self) -> Markup:
        return standing_html(self.chat, self.user_id, self.revision, self.is_member, self.manages)

    def fragment(self, since: int) -> Markup:
        return turbo_stream("replace", dom_id(self.chat, f"member_{self.user_id}"), self.to_html())


def standing_html(chat, user_id: int, revision: int = 0, member: bool = False, manager: bool = False) -> Markup:
    """The element. Without a revision it belongs to a person who never was a member."""
    state = {"user_id": user_id, "revision": revision, "member": member, "manager": manager}
    return render("memberships/_standing.html", chat, **state)
