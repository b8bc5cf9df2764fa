"""The product on a network that takes its time: `SLOWLY=2 bin/test tests/system` finds what browser tests rely on.

Each request, but for one for a file, waits for up to that many seconds before the app sees it. One that changes
something waits as long again before its answer leaves, so the stream brings the change before the answer, or behind it.
Each job begins late as well.
"""

import os
import random
import time
from collections.abc import Callable, Iterable

from rq.job import Job

from wsgi import app

LONGEST = float(os.environ["SLOWLY"])  # seconds
AT_ONCE = ("/static/", "/up", "/metrics")


def wait() -> None:
    """For a moment most times, and for long now and then."""
    time.sleep(random.random() ** 2 * LONGEST)


def late(function: Callable) -> Callable:
    def call(*arguments):
        wait()
        return function(*arguments)

    return call


def slowly(answer: Callable) -> Callable:
    def call(environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(AT_ONCE):
            return answer(environ, start_response)
        wait()
        body = answer(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            wait()
        return body

    return call


app.wsgi_app = slowly(app.wsgi_app)
Job.perform = late(Job.perform)

if __name__ == "__main__":
    from worker import main

    main()
