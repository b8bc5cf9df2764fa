"""When a record was made."""

from datetime import UTC, datetime

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class UTCDateTime(TypeDecorator):
    """Aware datetimes in UTC on every database; SQLite knows only naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value if value is None else value.astimezone(UTC)

    def result_processor(self, dialect, coltype):
        # In one step for SQLite, because each page reads the times of fifty messages.
        return _from_sqlite if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value, dialect):
        # PostgreSQL returns times in the time zone of its settings.
        return value if value is None else value.astimezone(UTC)


def _from_sqlite(value: str | None) -> datetime | None:
    return value if value is None else datetime.fromisoformat(f"{value}+00:00")


class Timestamps:
    """Adds ``created_at``."""

    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
