"""Background jobs: each finds its record by id and calls one method. The edge commits."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from rq.serializers import JSONSerializer

from chatapp.edge import committed
from chatapp.lib.queue import OwnJob

T = TypeVar("T")


class AppJob(OwnJob):
    """One of the jobs of this app."""

    functions = {}


#: The job class for workers: it runs these jobs and no others.
OWN_JOBS = {"job_class": AppJob, "serializer": JSONSerializer}


def job(function: Callable[..., T]) -> Callable[..., T]:
    """Run ``function`` in an app context of its own, wherever it is called from, and let workers run it by its name.

    Its changes are committed when it returns. It runs once more after a conflict with another transaction.
    """

    @wraps(function)
    def run(*args):
        from wsgi import app

        with app.app_context():
            return committed(lambda: function(*args))

    AppJob.functions[f"{function.__module__}.{function.__name__}"] = run
    return run


def know_all() -> None:
    """Import every module of this folder, so that workers know its jobs."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
