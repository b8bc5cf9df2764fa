"""Previews of linked pages: one for each address, fetched once, in words only."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Index, Select, String, delete, exists, func, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db, link_previews, queue
from chatapp.lib.safe_addresses import LONGEST
from chatapp.turbo import after_commit

from .mixins.timestamps import UTCDateTime, now

if TYPE_CHECKING:
    from .user import User

FETCH_JOB = "chatapp.jobs.link_previews.fetch"
#: The most previews that may wait for the worker, for all people together. Titles and pictures wait in the same line.
WAITING = 20
AGAIN_AFTER = timedelta(days=1)
#: A job that has not run after this time was forgotten; one that still runs after the second has died.
FORGOTTEN_AFTER, DEAD_AFTER = timedelta(seconds=10), timedelta(minutes=5)
#: After this time nobody needs the preview of a message any more.
GIVEN_UP_AFTER = timedelta(hours=1)
KEPT_FOR = timedelta(days=30)
#: Messages announced at once, and previews in one sweep.
TOLD, MANY = 50, 200


class Found(NamedTuple):
    """What a page says of itself."""

    title: str
    description: str
    site: str


class LinkPreview(db.Model):
    """``state`` is ``waiting`` for a job, then ``fetching``. It ends as ``failed``, or as ``ready`` once the messages
    that show it are told; in between it is ``fetched``.

    A message refers only to a preview that has not failed.
    """

    __tablename__ = "link_previews"
    __table_args__ = (
        Index("ix_link_previews_under_way", "asked_at",
              sqlite_where=db.text("state IN ('waiting', 'fetching', 'fetched')"),
              postgresql_where=db.text("state IN ('waiting', 'fetching', 'fetched')")),
        Index("ix_link_previews_asked_at", "asked_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(LONGEST), unique=True)
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    fetched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    title: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(String(300), default="")
    site: Mapped[str] = mapped_column(String(253), default="")

    @property
    def is_fetched(self) -> bool:
        return self.state in ("fetched", "ready")

    # For messages

    @staticmethod
    def are_on() -> bool:
        """Whether the installation has previews (LINK_PREVIEWS)."""
        return link_previews.has_room(0)

    @classmethod
    def wanted(cls, url: str, user: "User") -> "LinkPreview | None":
        """The preview of ``url``, which a job may still have to fetch. None where that failed lately, or where ``user``
        or all people together want too many."""
        if not cls.are_on():
            return None
        known = cls._known(url)
        if known and (known.state != "failed" or known.asked_at > now() - AGAIN_AFTER):
            return known if known.state != "failed" else None
        if not link_previews.has_room(cls._waiting()) or not link_previews.take(user.id):
            return None
        if known:
            known.state, known.asked_at = "waiting", now()
        preview = known or cls._begun(url)
        after_commit(db.session(), preview._enqueue())
        return preview

    @classmethod
    def _known(cls, url: str) -> "LinkPreview | None":
        # A shared lock, until the commit: the job that ends the preview waits for this message, and then tells it.
        query = select(cls).where(cls.url == url).with_for_update(read=True)
        return db.session.scalar(query.execution_options(populate_existing=True))

    @classmethod
    def _begun(cls, url: str) -> "LinkPreview":
        try:
            with db.session.begin_nested():
                preview = cls(url=url)
                db.session.add(preview)
            return preview
        except IntegrityError:  # somebody else was faster
            return cls._known(url)

    @classmethod
    def _waiting(cls) -> int:
        return db.session.scalar(select(func.count()).select_from(cls._under_way().subquery()))

    def _enqueue(self) -> Callable[[], None]:
        id = self.id
        return lambda: queue.enqueue(FETCH_JOB, id)

    # In the background

    def steps(self, look: Callable[[str], Found | None]) -> Iterator[None]:
        """Fetches it by ``look(url)`` and tells its messages. The caller commits after each step.

        No job repeats what another has begun, so each server is asked once, even if its answer kills the job.
        """
        if self.state == "waiting":
            self.state = "fetching"
            yield
            self._keep(look(self.url) if self.are_on() else None)
            yield
        if self.state == "fetched":
            yield from self._tell()

    def _keep(self, found: Found | None) -> None:
        from .message import Message

        db.session.refresh(self, with_for_update=True)
        self.fetched_at, self.state = now(), "fetched" if found else "failed"
        if found:
            self.title, self.description, self.site = found
        else:  # it shows nothing in them, so nothing is announced
            mine = update(Message).where(Message.link_preview_id == self.id)
            db.session.execute(mine.values(link_preview_id=None).execution_options(synchronize_session=False))

    def _tell(self) -> Iterator[None]:
        """Announces its messages, a few at a time. Messages written from now on show it from the beginning."""
        from .message import Message

        mine = select(Message).where(Message.link_preview_id == self.id, Message.deleted_at.is_(None))
        mine = mine.order_by(Message.id.desc()).limit(TOLD)
        some = db.session.scalars(mine).all()
        while some:
            last = some[-1].id
            for message in some:
                message.touch()
            yield
            some = db.session.scalars(mine.where(Message.id < last)).all()
        self.state = "ready"
        yield

    @classmethod
    def _under_way(cls) -> Select:
        # A literal and no parameter, because databases match a partial index by the text of its condition.
        return select(cls).where(literal_column("state IN ('waiting', 'fetching', 'fetched')"))

    @classmethod
    def settle(cls) -> None:
        """Queue forgotten jobs again. End what takes too long."""
        old = cls._under_way().where(cls.asked_at < now() - FORGOTTEN_AFTER)
        for preview in db.session.scalars(old.order_by(cls.asked_at).limit(MANY)):
            patience = {"waiting": GIVEN_UP_AFTER, "fetching": DEAD_AFTER}.get(preview.state)
            if patience and preview.asked_at < now() - patience:
                preview._keep(None)
            elif preview.state != "fetching":
                queue.enqueue(FETCH_JOB, preview.id)

    @classmethod
    def forget(cls) -> None:
        from .message import Message

        shown = exists().where(Message.link_preview_id == cls.id)
        old = delete(cls).where(cls.asked_at < now() - KEPT_FOR, ~shown)
        db.session.execute(old.execution_options(synchronize_session=False))
