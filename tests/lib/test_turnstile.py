import runpy
from itertools import groupby

import gevent

from tests.servers import PROJECT

turnstile = runpy.run_path(str(PROJECT / "chatapp" / "lib" / "turnstile.py"))
EACH_TURN = turnstile["EACH_TURN"]
CROWD = 10 * EACH_TURN + 1


def test_a_crowd_is_let_in_a_few_at_a_time_in_its_order_and_the_next_one_too():
    stile, let_in = turnstile["Turnstile"](), []

    def come(number: int) -> None:
        stile.enter()
        let_in.append(number)

    for _ in range(2):
        crowd = [gevent.spawn(come, number) for number in range(CROWD)]
        gevent.sleep(0)
        assert let_in == list(range(EACH_TURN)) and len(stile) == CROWD - EACH_TURN
        gevent.joinall(crowd, timeout=10)
        assert let_in == list(range(CROWD)) and len(stile) == 0
        gevent.sleep(0.001)
        let_in.clear()


def test_fewer_are_let_in_while_more_connections_come():
    stile, let_in = turnstile["Turnstile"](), []

    def come() -> None:
        stile.enter()
        let_in.append(len(stile))
        stile.more_come = len(let_in) < CROWD // 2

    gevent.joinall([gevent.spawn(come) for _ in range(CROWD)], timeout=10)
    waited = [len(list(together)) for _, together in groupby(let_in)]  # how many were let in at the same time
    first, at_a_time = waited[0], set(waited[1:-1])
    assert first == EACH_TURN and at_a_time == {turnstile["WHILE_MORE_COME"], EACH_TURN}
    assert waited.count(turnstile["WHILE_MORE_COME"]) >= CROWD // 2 - EACH_TURN


def test_connections_of_a_crowd_are_taken_many_at_a_time_and_others_as_gunicorn_says():
    worker = runpy.run_path(str(PROJECT / "chatapp" / "lib" / "web_worker.py"))
    stile = worker["Turnstile"]()
    with worker["Server"](stile, ("127.0.0.1", 0), handle=lambda *_: None) as server:
        server.max_accept = 1
        crowd = [gevent.spawn(stile.enter) for _ in range(CROWD)]
        gevent.sleep(0)
        assert server.max_accept == worker["OF_A_CROWD"]
        gevent.joinall(crowd, timeout=10)
        assert server.max_accept == 1
