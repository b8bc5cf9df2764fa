"""All processes reach PostgreSQL through PgBouncer, which gives each transaction whichever connection is free."""

import os
from collections.abc import Iterator

import psycopg
import pytest

from tests.delivery.torture import Torture
from tests.delivery.world import World

from .boxes import program
from .pgbouncer import SHARED, PgBouncer

pytestmark = [
    pytest.mark.skipif(not os.environ.get("MIDDLEBOXES"), reason="bin/test --middleboxes runs these"),
    pytest.mark.skipif(not program("pgbouncer"), reason="pgbouncer is not installed"),
]


class PooledWorld(World):
    def _start(self, enter) -> None:
        self._enter = enter
        super()._start(enter)

    def _database_url(self) -> str:
        name = super()._database_url().rpartition("/")[2]
        self.pooler = self._enter(PgBouncer(self.postgres))
        return self.pooler.url(name)


@pytest.fixture(scope="module")
def pooled(tmp_path_factory) -> Iterator[World]:
    with PooledWorld(tmp_path_factory.mktemp("pooled"), "postgres", {"DATABASE_POOLER": "1"}) as world:
        yield world


@pytest.mark.parametrize("seed", range(200, 204))
def test_after_random_changes_and_faults_every_live_page_equals_a_fresh_one(pooled, seed):
    with Torture(pooled) as torture:
        torture.run(seed)


def test_all_processes_together_share_few_connections_and_leave_nothing_behind_on_them(pooled):
    ada = pooled.people["Ada"]
    chat = ada.start_chat(title="Plans", assistant="never")
    for number in range(20):
        assert ada.send(chat, f"Message {number}").status_code == 201
    with psycopg.connect(pooled.postgres.url("delivery"), autocommit=True) as direct:
        others = "FROM pg_stat_activity WHERE datname = 'delivery' AND pid <> pg_backend_pid()"
        assert 0 < direct.execute(f"SELECT count(*) {others}").fetchone()[0] <= SHARED
    with psycopg.connect(pooled.pooler.url("delivery")) as next_one:
        assert next_one.execute("SHOW statement_timeout").fetchone() == ("0",)
