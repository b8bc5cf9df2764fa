"""PgBouncer, which shares few connections to PostgreSQL between many transactions."""

import os
import shutil
import tempfile
from pathlib import Path

import psycopg

from tests.servers import PostgresServer, Server, environ_of, free_port

from .boxes import program

#: Connections to the server, for all processes together.
SHARED = 4


class PgBouncer(Server):
    """``url(database)`` leads through it to the same database."""

    directory_of_work = Path("/")

    def __init__(self, postgres: PostgresServer):
        self.port = free_port()
        self.user = "nobody" if os.geteuid() == 0 else None  # it refuses to run as root
        self.directory = Path(tempfile.mkdtemp(prefix="plainwire-pgbouncer-"))
        self.directory.chmod(0o755)
        settings = self.directory / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n* = host=127.0.0.1 port={postgres.port} user=postgres\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\nauth_type = any\n"
            f"pool_mode = transaction\ndefault_pool_size = {SHARED}\nmax_client_conn = 200\n"
        )
        super().__init__("PgBouncer", [program("pgbouncer"), str(settings)], environ_of({}))

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.directory, ignore_errors=True)

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"
