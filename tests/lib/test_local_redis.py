import subprocess

import redis

from chatapp.lib import local_redis
from tests.servers import free_port, redis_server


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
