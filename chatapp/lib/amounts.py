"""Amounts of money, held as whole millionths, and how people write them."""

import re
from decimal import Decimal

MILLION = 1_000_000
#: A comma with three digits after it would be thousands to some people and decimals to others.
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6}|,\d{1,2})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,12}|\d{1,3}([ ,]\d{3}){1,3}", re.ASCII)


def millionths(text: str) -> int:
    """``1_500_000`` for ``"1.50"`` or ``"1,50"``. Raises ValueError for anything but a number from 0 to 999,999,999
    with six decimals at most, or two after a comma."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(Decimal(text.replace(",", ".")) * MILLION)


def whole(text: str) -> int:
    """``50_000`` for ``"50000"``, ``"50,000"`` and ``"50 000"``. Raises ValueError for anything else."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text.replace(",", "").replace(" ", ""))


def compact(number: int) -> str:
    """For people: ``"950"``, ``"12.3 k"``, ``"914 k"``, ``"4.5 M"``."""
    for size, sign in ((1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")):
        if number >= size:
            return f"{number / size:.{0 if number >= 100 * size else 1}f} {sign}"
    return str(number)


def plain(amount: int | None) -> str:
    """What a field shows: ``"1.5"`` for 1,500,000, and ``""`` for None."""
    return "" if amount is None else f"{Decimal(amount) / MILLION:f}"


def money(amount: int | None, currency: str = "") -> str:
    """For people: ``"12.50 EUR"``; below a hundredth with two significant digits, ``"0.00042 EUR"``."""
    if amount is None:
        return "not known"
    value = Decimal(amount) / MILLION
    decimals = min(6, 1 - value.adjusted()) if 0 < value < Decimal("0.01") else 2
    return f"{value:,.{decimals}f} {currency}".strip()


def seconds(milliseconds: int | None) -> str:
    """``"0.8 s"``, ``"12 s"``, ``"2 min 5 s"``; ``"not known"`` for None."""
    if milliseconds is None:
        return "not known"
    whole = round(milliseconds / 1000)
    if whole >= 60:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole} s" if milliseconds >= 9950 else f"{milliseconds / 1000:.1f} s"
