"""Time zones by their names, such as ``"Europe/Berlin"``, and the time there."""

from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

#: Names of regions. The database also has old and technical ones, such as "EST5EDT" and "Etc/GMT+5".
_REGIONS = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


@cache
def names() -> tuple[str, ...]:
    """All zones in the order of their names, UTC last."""
    return (*sorted(name for name in available_timezones() if name.startswith(_REGIONS)), "UTC")


@cache
def known() -> frozenset[str]:
    """The names that browsers may send, including old ones."""
    return frozenset(available_timezones())


def day_in(zone: str, day: date) -> datetime:
    """The moment at which ``day`` begins in ``zone``, in UTC; the beginning in UTC if the name is not known.

    Raises OverflowError at both ends of the calendar.
    """
    begins = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone) if zone in known() else UTC)
    return begins.astimezone(UTC)


def time_in(zone: str, at: datetime | None = None) -> datetime | None:
    """The current time, or the moment ``at``, as the time in ``zone``; None if the name is not known."""
    return (at or datetime.now(UTC)).astimezone(ZoneInfo(zone)) if zone in known() else None
