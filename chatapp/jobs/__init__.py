"""Background jobs: each finds its record by id, calls one method and commits."""

from collections.abc import Callable
from functools import wraps


def job(function: Callable[..., None]) -> Callable[..., None]:
    """Run ``function`` in an app context of its own, wherever it is called from."""

    @wraps(function)
    def run(*args):
        from wsgi import app

        with app.app_context():
            function(*args)

    return run
