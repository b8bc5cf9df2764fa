"""Questions about many pairs at once, such as who reads what when a thousand streams come back."""

from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import CTE, Select, bindparam, text

from chatapp.extensions import db

#: The numbers of pairs that a question may have. A statement is built once for each size, because that takes longer
#: than running it. The last pair is repeated to fill up the rest.
SIZES = 1, 5, 20, 50, 100


def table_of(size: int, *types) -> CTE:
    """A table of ``size`` pairs. Both databases name its columns ``column1`` and ``column2``.

    A text, because SQLAlchemy compiles its own VALUES anew each time.
    """
    rows = ", ".join(f"(:a{number}, :b{number})" for number in range(size))
    given = [bindparam(f"{side}{n}", type_=type) for n in range(size) for side, type in zip("ab", types, strict=True)]
    return text(f"VALUES {rows}").bindparams(*given).columns(column1=types[0], column2=types[1]).cte("pairs")


def ask_about(pairs: Iterable[tuple], question: Callable[[int], Select], **others) -> Iterator[tuple]:
    """The rows that ``question(size)`` finds for ``pairs``, some of them twice. It selects from ``table_of(size, …)``,
    and ``others`` are its other parameters.

    Asks for the largest of ``SIZES`` at once, so that no question about a crowd takes long.
    """
    pairs = sorted(pairs)
    for start in range(0, len(pairs), SIZES[-1]):
        part = pairs[start : start + SIZES[-1]]
        size = next(size for size in SIZES if size >= len(part))
        part += part[-1:] * (size - len(part))
        given = {name: value for n, (a, b) in enumerate(part) for name, value in ((f"a{n}", a), (f"b{n}", b))}
        yield from map(tuple, db.session.execute(question(size), given | others))
