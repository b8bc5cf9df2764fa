"""A stand-in for the library's own module, with the interface of the contract and none of its machinery."""

from hashlib import sha256

from markupsafe import Markup
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from .streamable import Streamable
from .streams import dom_id, turbo_stream


class Headed(Streamable):
    """A streamable that lists show by its head."""

    head_revision: Mapped[int] = mapped_column(default=0)
    head_digest: Mapped[str] = mapped_column(String(64), default="")
    head_changed_at: Mapped[int] = mapped_column(BigInteger, default=0, index=True)

    def read_head(self) -> object:
        raise NotImplementedError

    def render_head(self, head) -> Markup:
        raise NotImplementedError

    @property
    def head_html(self) -> Markup:
        return self.render_head(self.read_head())

    @property
    def head_fragment(self) -> Markup:
        return turbo_stream("replace", dom_id(self, "head"), self.head_html)

    def advance(self, session) -> int:
        revision = super().advance(session)
        digest = sha256(repr(self.read_head()).encode(errors="surrogatepass")).hexdigest()
        if digest != self.head_digest:
            self.head_revision, self.head_digest = revision, digest
        return revision


class Lister(Streamable):
    """A streamable whose page is a list of heads."""

    def listed(self) -> list[Headed]:
        raise NotImplementedError

    def list_fragments(self, listed: list[Headed]) -> Markup:
        raise NotImplementedError

    def position(self, listed: list[Headed]) -> int:
        return self.revision * 2**28 + sum(one.head_revision for one in listed)

    def page_fragments(self, since: int) -> Markup:
        return self.list_fragments(self.listed())
