"""How the tests of both databases come to the processes of pytest."""

from collections import Counter
from types import SimpleNamespace

import pytest

from tests.pool import Pool, database_of

FILES = {
    "tests/models/test_a.py::test_{}[SQLite]": 30,
    "tests/models/test_a.py::test_{}[PostgreSQL]": 30,
    "tests/models/test_b.py::test_{}[SQLite-other]": 5,
    "tests/models/test_b.py::test_{}[other-PostgreSQL]": 40,
    "tests/lib/test_names.py::test_{}[postgres]": 50,
    "tests/system/test_promise.py::test_{}": 4,
}
TESTS = [name.format(number) for name, count in FILES.items() for number in range(count)]


class Process:
    """Does its tests one after the other, and the last one when it knows that there are no more."""

    gateway = SimpleNamespace(id="process")

    def __init__(self, pool: Pool):
        self.pool, self.waiting, self.done, self.shutting_down = pool, [], [], False
        pool.add_node(self)
        pool.add_node_collection(self, TESTS)

    def send_runtest_some(self, indices: list[int]) -> None:
        self.waiting += indices

    def shutdown(self) -> None:
        self.shutting_down = True

    def work(self) -> bool:
        if len(self.waiting) <= (not self.shutting_down):
            return False
        index = self.waiting.pop(0)
        self.done.append(TESTS[index])
        self.pool.mark_test_complete(self, index)
        return True

    @property
    def databases(self) -> set[str]:
        return {database_of(self.pool._split_scope(test)) for test in self.done} - {""}


@pytest.fixture
def pool() -> Pool:
    config = SimpleNamespace(getvalue=lambda name: ["2*popen"], option=SimpleNamespace(loadscopereorder=True))
    return Pool(config)


def go_on(*processes: Process) -> None:
    while any([process.work() for process in processes]):
        pass


def test_each_process_meets_one_database_and_every_test_runs_once(pool):
    processes = [Process(pool), Process(pool)]
    pool.schedule()
    go_on(*processes)
    assert [process.databases for process in processes] in ([{"SQLite"}, {"PostgreSQL"}], [{"PostgreSQL"}, {"SQLite"}])
    assert Counter(processes[0].done + processes[1].done) == Counter(TESTS)


def test_whoever_is_through_with_a_database_takes_what_meets_none_the_longest_first(pool):
    processes = [Process(pool), Process(pool)]
    pool.schedule()
    go_on(*processes)
    (early,) = (process for process in processes if process.databases == {"SQLite"})
    files = list(dict.fromkeys(test.partition("::")[0] for test in early.done))
    assert files[:3] == ["tests/models/test_a.py", "tests/models/test_b.py", "tests/system/test_promise.py"]


def test_the_tests_of_a_process_that_died_go_to_its_successor_on_the_same_database(pool):
    first, second = Process(pool), Process(pool)
    pool.schedule()
    first.work()
    (database,) = first.databases
    pool.remove_node(first)
    successor = Process(pool)
    pool.schedule()
    go_on(second, successor)
    assert (second.databases | {database}, successor.databases) == ({"SQLite", "PostgreSQL"}, {database})
    assert set(first.done + second.done + successor.done) == set(TESTS)
