"""A streaming replica of the PostgreSQL for tests."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from .servers import PostgresServer, free_port, wait_until


class Standby(PostgresServer):
    """Follows ``primary`` from its start on."""

    def __init__(self, primary: PostgresServer):
        self.primary = primary
        super().__init__(free_port())

    def initialize(self) -> None:
        command = [self.programs / "pg_basebackup", "-h", "127.0.0.1", "-p", str(self.primary.port), "-U", "postgres"]
        options = ["-D", self.directory / "data", "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"]
        subprocess.run([*command, *options], user=self.user, cwd="/", capture_output=True, check=True)

    @contextmanager
    def behind(self, database: str) -> Iterator[None]:
        """It stops where it is, and goes on afterwards."""
        self._ask(database, "SELECT pg_wal_replay_pause()")
        wait_until(lambda: self._ask(database, "SELECT pg_get_wal_replay_pause_state()") == "paused")
        try:
            yield
        finally:
            self._ask(database, "SELECT pg_wal_replay_resume()")

    def until_followed(self, database: str) -> None:
        """Wait for all that the primary has written by now."""
        with psycopg.connect(self.primary.url(database)) as connection:
            written = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()[0]
        wait_until(lambda: self._ask(database, f"SELECT pg_last_wal_replay_lsn() >= '{written}'"))

    def _ask(self, database: str, query: str):
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            return connection.execute(query).fetchone()[0]
