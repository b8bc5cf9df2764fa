"""Numbers of the vitals in words."""


def number(value: float) -> str:
    """``"1,204"``; below ten with one decimal where it has one."""
    return f"{value:.1f}".removesuffix(".0") if value < 10 else f"{value:,.0f}"


def a_minute(value: float) -> str:
    return f"{number(value)} a minute"


def duration(seconds: float) -> str:
    """``"0 s"``, ``"4 ms"``, ``"1.2 s"``, ``"3 min"``."""
    if 0 < seconds < 1:
        return f"{number(seconds * 1000)} ms"
    return f"{number(seconds)} s" if seconds < 120 else f"{seconds / 60:,.0f} min"


def in_words(seconds: float) -> str:
    """``"40 seconds"``, ``"3 minutes"``, ``"2 hours"``."""
    for size, name in ((3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {name}s"
    return f"{seconds:.0f} seconds"


def counted(number: float, one: str, several: str) -> str:
    """``"1 job has"`` and ``"3 jobs have"``."""
    return f"{number:,.0f} {one if round(number) == 1 else several}"
