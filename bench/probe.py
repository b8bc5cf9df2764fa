"""The product, and beside it how long its event loop was held: ``gunicorn bench.probe:app``, then ``GET /held``.

The answer has, in milliseconds since the last one, the most that the process computed between two looks at its sockets,
and the most that passed: a machine that is busy with other things adds to the second.
"""

import json
import time

from gevent import get_hub

from wsgi import app as product

most = {"computed": 0.0, "passed": 0.0}
began = [time.thread_time(), time.perf_counter()]


def look_ends() -> None:
    began[:] = time.thread_time(), time.perf_counter()


def look_begins() -> None:
    computed, passed = time.thread_time() - began[0], time.perf_counter() - began[1]
    most.update(computed=max(most["computed"], computed), passed=max(most["passed"], passed))


def app(environ, start_response):
    if environ["PATH_INFO"] != "/held":
        return product(environ, start_response)
    start_response("200 OK", [("Content-Type", "application/json")])
    answer = json.dumps({name: 1000 * seconds for name, seconds in most.items()}).encode()
    most.update(computed=0.0, passed=0.0)
    return [answer]


loop = get_hub().loop
watchers = loop.check(), loop.prepare()
for watcher, callback in zip(watchers, (look_ends, look_begins), strict=True):
    watcher.start(callback)
