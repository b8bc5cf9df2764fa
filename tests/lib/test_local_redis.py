import os
import subprocess

import psutil
import pytest
import redis

from chatapp.config import PROJECT
from chatapp.lib import local_redis
from tests.servers import Server, free_port, redis_server


def test_a_server_binary_is_found_even_where_none_is_on_the_path(monkeypatch):
    monkeypatch.setenv("PATH", "")
    binary = local_redis.find_server()
    assert "valkey" in subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.lower()


def test_it_listens_on_this_machine_only(tmp_path):
    line = local_redis.command(free_port(), tmp_path)
    assert line[line.index("--bind") + 1] == "127.0.0.1"


def test_what_it_holds_survives_a_restart(tmp_path):
    with redis_server(tmp_path) as server:
        client = redis.from_url(server.url)
        client.set("name", "value")
        client.close()
        server.restart()
        assert client.get("name") == b"value"
        client.close()


class DevelopersRedis(Server):
    """As bin/dev starts it, by the line of Procfile.dev."""

    def __init__(self, directory, port: int):
        self.port = port
        line = (PROJECT / "Procfile.dev").read_text().partition("redis: ")[2].splitlines()[0]
        line = line.replace("instance/", f"{directory}/")
        path = f"{PROJECT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        environ = {"PATH": path, "REDIS_PORT": str(port)}
        super().__init__("Redis", ["/bin/sh", "-c", f"exec {line}"], environ)

    def is_ready(self) -> bool:
        try:
            redis.Redis(port=self.port).ping()
        except redis.AuthenticationError:
            return True
        except redis.ConnectionError:
            return False
        return True


def test_the_developers_one_asks_for_a_password_that_no_list_of_processes_shows(tmp_path):
    (tmp_path / "redis_password").write_text("a long secret\n")
    with DevelopersRedis(tmp_path, free_port()) as server:
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=server.port).ping()
        assert redis.Redis(port=server.port, password="a long secret").ping()
        assert "a long secret" not in " ".join(psutil.Process(server.process.pid).cmdline())
        assert (tmp_path / "redis").stat().st_mode & 0o777 == 0o700
