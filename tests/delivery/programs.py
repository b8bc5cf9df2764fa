"""What one run of the torture does, drawn by Hypothesis from a seed."""

from dataclasses import dataclass

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from . import (  # noqa: F401  # noqa: F401
    assistant_changes,
    attachment_changes,
    chat_changes,
    link_preview_changes,
    list_changes,
    mention_changes,
    own_changes,
    people_changes,
    quote_changes,
    tool_changes,
    version_changes,
)
from . import changes as _changes  # noqa: F401 - they enter themselves in the catalogue
from .catalogue import CHANGES, DIRECT
from .troubles import TROUBLES

STEPS = (4, 18)
KILLS = ("kill:before_commit", "kill:after_commit", "kill:after_publish")
PUBLISHED = ("publish:twice", "publish:late", "publish:never")
SLOW = ("slow:3", "slow:15")
#: Messages that are there before the page is opened: none, a few, about a page (50), and several pages.
FILLED = (0, 0, 3, 20, 47, 50, 53, 60, 120)
#: The same in the chats beside it. A head tells of fifty.
BESIDE = (0, 1, 2, 4, 49, 52)

WORDS = st.sampled_from(
    ["hello", "**bold**", "`code`", "```py\nprint(1)\n```", "- one\n- two", "</template>", "<article>", "a\u2028b", "é"]
)
TEXTS = st.lists(st.one_of(WORDS, st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)), max_size=4)


@dataclass(frozen=True)
class Step:
    name: str  # of a change or a trouble
    where: str = ""
    pick: int = 0
    text: str = ""
    fault: str | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, [self.name, self.where, f"pick={self.pick}", self.fault, repr(self.text)]))


@dataclass(frozen=True)
class Program:
    filled: int
    beside: tuple[int, ...]
    pages: tuple[int, ...]  # each page's pick: its way in, and how it reconnects
    steps: tuple[Step, ...]


def changes() -> st.SearchStrategy[Step]:
    names = [name for name, change in CHANGES.items() for _ in range(change.weight)]
    return st.sampled_from(names).flatmap(one_change)


def one_change(name: str) -> st.SearchStrategy[Step]:
    where = st.sampled_from(CHANGES[name].where)
    return where.flatmap(lambda where: st.builds(Step, st.just(name), st.just(where), picks(), texts(), faults(where)))


def faults(where: str) -> st.SearchStrategy[str | None]:
    possible = [*PUBLISHED, *SLOW] if where == DIRECT else [*PUBLISHED, *SLOW, *KILLS]
    return st.one_of(st.none(), st.none(), st.sampled_from(possible))


def troubles(parts: frozenset[str]) -> st.SearchStrategy[Step]:
    names = [name for name, t in TROUBLES.items() if t.needs <= parts for _ in range(t.weight)]
    return st.builds(Step, st.sampled_from(names), pick=picks())


def picks() -> st.SearchStrategy[int]:
    return st.integers(0, 999)


def texts() -> st.SearchStrategy[str]:
    return TEXTS.map(lambda words: " ".join(["x", *words]))


def programs(parts: frozenset[str]) -> st.SearchStrategy[Program]:
    steps = st.one_of(changes(), changes(), changes(), troubles(parts))
    return st.builds(
        Program,
        st.sampled_from(FILLED),
        st.tuples(*[st.sampled_from(BESIDE)] * 3),
        st.tuples(picks(), picks(), picks()),
        st.lists(steps, min_size=STEPS[0], max_size=STEPS[1]).map(tuple),
    )


def program_for(seed: int, parts: frozenset[str]) -> Program:
    """The same program for the same seed. Hypothesis begins with the simplest one, which is passed over."""
    drawn: list[Program] = []

    @hypothesis.seed(seed)
    @settings(max_examples=4, phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @hypothesis.given(programs(parts))
    def draw(program: Program) -> None:
        drawn.append(program)

    draw()
    return drawn[-1]
