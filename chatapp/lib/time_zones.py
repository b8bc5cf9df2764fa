"""Time zones by their names, such as ``"Europe/Berlin"``, and the time there."""

from datetime import UTC, datetime
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
    """The names that browsers may tell, old ones too."""
    return frozenset(available_timezones())


def time_in(zone: str, at: datetime | None = None) -> datetime | None:
    """The present time there, or the moment ``at``; None where the name is not known."""
    return (at or datetime.now(UTC)).astimezone(ZoneInfo(zone)) if zone in known() else None
