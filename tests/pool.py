"""One pool of processes for both databases: no core idles while the tests of one database are through.

A process has one app, and an app one database. So a process takes the tests of one database, and between them, or when
there are no more, those that meet none. Which database that is shows when it gets its first file.
"""

import re
from collections import Counter

from xdist.scheduler import LoadFileScheduling

#: What `TEST_DATABASE` may say, and what that is in the names of tests.
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
DATABASE = re.compile(rf"[\[-]({'|'.join(NAMES.values())})[]-]")

#: About how many seconds a test takes, by how its path begins: what is long must not begin last.
SECONDS = {"tests/middleboxes/": 10, "tests/system/": 3, "tests/delivery/": 2, "tests/static/": 0.5}
SECONDS |= {"tests/lib/test_redis_sentinel": 30, "tests/turbo/test_cluster": 3, "tests/lib/test_patient": 1, "": 0.1}


class Pool(LoadFileScheduling):
    """Tests of one file and one database stay together, because they share their servers; the longest go first."""

    def __init__(self, config, log=None):
        super().__init__(config, log)
        self.databases: dict = {}  # what a process has its app on, from its first test of a database on

    def _split_scope(self, nodeid: str) -> str:
        database = DATABASE.search(nodeid)
        return f"{nodeid.partition('::')[0]} {database[1] if database else ''}"

    def _assign_work_unit(self, node) -> None:
        scope = self.next_for(node)
        if database_of(scope):
            self.databases[node] = database_of(scope)
        self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)  # takes the first

    def _reschedule(self, node) -> None:
        if self.workqueue and not self.next_for(node):
            node.shutdown()  # what is left is for processes with the other database
        else:
            super()._reschedule(node)

    def next_for(self, node) -> str | None:
        """The longest file on its database, or, when those are done, the longest file without a database."""
        own = self.databases.get(node) or self.least_served()
        return max(self.files_on(own) or self.files_on(""), key=self.seconds, default=None)

    def files_on(self, database: str) -> list[str]:
        return [scope for scope in self.workqueue if database_of(scope) == database]

    def least_served(self) -> str:
        """The database with tests in the queue that the fewest processes are for."""
        served = Counter(self.databases.get(node) for node in self.nodes)
        return min(filter(None, map(database_of, self.workqueue)), key=served.__getitem__, default="")

    def seconds(self, scope: str) -> float:
        each = next(seconds for folder, seconds in SECONDS.items() if scope.startswith(folder))
        return each * len(self.workqueue[scope])


def database_of(scope: str) -> str:
    return scope.rpartition(" ")[2]
