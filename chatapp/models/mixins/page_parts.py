"""What a chat's page shows beside its messages, for pages that were away."""

from markupsafe import Markup
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.turbo import dom_id, render, turbo_stream

from ..former_member import FormerMember
from ..membership import Membership


class PageParts:
    """The header, the standings of people who came or left, and the faces of those who look different by now."""

    def part_fragments(self, since: int) -> Markup:
        header = self.fragment(since) if self.header_revision > since else Markup("")
        return header + self._standings(since) + self._faces(since)

    def page_fragments(self, since: int) -> Markup:
        # The new list shows everybody as they look now, and the faces that the page remembers may be older.
        forget_faces = turbo_stream("replace", dom_id(self, "faces"), render("faces/_faces.html", self))
        messages = turbo_stream("replace", dom_id(self, "messages"), self.render_messages())
        return self.fragment(since) + messages + forget_faces + self._standings(since)

    def _standings(self, since: int) -> Markup:
        changed = [
            standing
            for kind in (FormerMember, Membership)
            for standing in db.session.scalars(select(kind).where(kind.chat_id == self.id, kind.revision > since))
        ]
        in_order = sorted(changed, key=lambda standing: standing.revision)
        return Markup("").join(standing.fragment(since) for standing in in_order)

    def _faces(self, since: int) -> Markup:
        from ..face import Face

        return Markup("").join(face.fragment(since) for face in Face.changed_in(self, since))
