import pytest
from redis import Redis

from chatapp.lib.history import History


@pytest.fixture
def client(redis):
    with Redis.from_url(redis.url.removesuffix("0") + "6") as client:
        client.flushdb()
        yield client


def test_the_newest_points_are_kept_in_the_order_of_time(client):
    history = History(client, "points", step=30, most=3)
    for number in range(5):
        history.note({"number": number})
    points = history.points()
    assert [point["number"] for point in points] == [2, 3, 4]
    assert points[0]["at"] <= points[-1]["at"] <= history.now()
    assert 0 < client.ttl("points") <= 180


def test_one_process_in_each_step_takes_the_turn(client):
    one, other = (History(client, "points", step=600, most=3) for _ in range(2))
    assert [one.take_turn(), other.take_turn(), one.take_turn()] == [True, False, False]
    assert 0 < client.pttl(one.turn) < 600_000
    client.delete(one.turn)  # as if its time were over
    assert other.take_turn() and not one.take_turn()
