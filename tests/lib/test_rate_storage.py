from concurrent.futures import ThreadPoolExecutor

import pytest
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from chatapp.lib import rate_storage, redis_client
from tests.servers import free_port, redis_server

HOURLY = parse("10 per hour")


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A Redis that answers late is not away."""
    monkeypatch.setattr(redis_client, "TIMEOUT", 60)
    monkeypatch.setattr(redis_client, "SLOW", 60)


def limiter(url: str) -> FixedWindowRateLimiter:
    pool = redis_client.client(url).connection_pool
    return FixedWindowRateLimiter(storage_from_string(rate_storage.URI, connection_pool=pool))


def hits(limiter: FixedWindowRateLimiter, number: int) -> list[bool]:
    return [limiter.hit(HOURLY, "somebody") for _ in range(number)]


def test_all_processes_count_together(tmp_path):
    with redis_server(tmp_path) as server:
        one, other = limiter(server.url), limiter(server.url)
        assert hits(one, 6) + hits(other, 6) == [True] * 10 + [False] * 2
        assert other.get_window_stats(HOURLY, "somebody").remaining == 0


@pytest.mark.parametrize("url", ["redis://127.0.0.1:{port}/0", "rediss://127.0.0.1:{port}/0", "unix:///nowhere/{port}"])
def test_without_redis_each_counts_for_itself(url):
    one, other = limiter(url.format(port=free_port())), limiter(url.format(port=free_port()))
    assert hits(one, 11) == [True] * 10 + [False]
    assert hits(other, 1) == [True]
    assert one.get_window_stats(HOURLY, "somebody").remaining == 0


def test_of_many_who_find_redis_away_at_once_none_fails():
    nowhere = limiter(f"redis://127.0.0.1:{free_port()}/0")
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda _: nowhere.hit(HOURLY, "somebody"), range(20)))
    assert sorted(outcomes) == [False] * 10 + [True] * 10


def test_redis_counts_again_as_soon_as_it_is_back(tmp_path):
    with redis_server(tmp_path) as server:
        one, other = limiter(server.url), limiter(server.url)
        server.stop()
        hits(one, 11)
        server.start()
        assert hits(one, 6) + hits(other, 5) == [True] * 10 + [False]
