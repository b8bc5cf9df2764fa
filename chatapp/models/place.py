"""The place: the name and the picture of this installation."""

from typing import BinaryIO, NamedTuple

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db
from chatapp.lib.locks import lock_name

from .mixins.portraits import keep, remove_once_committed, version_of

NAME_LIMIT = 40  # characters
#: The name of a place to which nobody has given one.
UNNAMED = "Plainwire"
ONLY_ID = 1


class ShownPlace(NamedTuple):
    """What pages show of the place. These are values and not a record, so that an error page after a rollback asks the
    database nothing."""

    name: str
    #: The key of the picture in the storage, or None.
    picture_key: str | None

    @classmethod
    def of(cls, name: str | None, picture_key: str | None) -> "ShownPlace":
        return cls(name or UNNAMED, picture_key)

    @property
    def picture_version(self) -> str | None:
        """Stands in the address of the picture; None without one."""
        return version_of(self.picture_key)


class Place(db.Model):
    """What the administrators have chosen, in one row, as an Admission is. Until they choose, there is no row."""

    __tablename__ = "places"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT), default="")
    picture_key: Mapped[str | None] = mapped_column(String(32))

    @classmethod
    def now(cls) -> ShownPlace:
        """The place as it is, in one statement. ``Session.with_token`` reads it for people who are logged in."""
        row = db.session.execute(select(cls.name, cls.picture_key).where(cls.id == ONLY_ID)).first()
        return ShownPlace.of(*row or (None, None))

    @classmethod
    def chosen_name(cls) -> str:
        """The name that somebody gave it, "" for none."""
        return db.session.scalar(select(cls.name).where(cls.id == ONLY_ID)) or ""

    @classmethod
    def rename(cls, name: str) -> None:
        cls._locked().name = name

    @classmethod
    def portray(cls, picture: BinaryIO | None) -> None:
        """Show this square picture, or the drawn mark again, as ``Looks.portray`` does for a person."""
        place = cls._locked()
        old, place.picture_key = place.picture_key, keep(picture)
        remove_once_committed(old)

    @classmethod
    def _locked(cls) -> "Place":
        """The row, made if need be. Locked, so that of two new pictures at once none stays behind in the storage."""
        lock_name(db.session(), cls.__tablename__)  # a row can be locked only once it exists
        place = db.session.get(cls, ONLY_ID, with_for_update=True, populate_existing=True)
        if place is None:
            place = cls(id=ONLY_ID, name="")
            db.session.add(place)
        return place
