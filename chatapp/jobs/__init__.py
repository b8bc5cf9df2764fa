"""Background jobs: each finds its record by id, calls one method and commits."""

from collections.abc import Callable
from functools import wraps

from rq.serializers import JSONSerializer

from chatapp.extensions import db
from chatapp.lib.queue import OwnJob
from chatapp.turbo import again_after_conflict


class AppJob(OwnJob):
    """One of the jobs of this app."""

    functions = {}


#: The job class for workers: it runs these jobs and no others.
OWN_JOBS = {"job_class": AppJob, "serializer": JSONSerializer}


def job(function: Callable[..., None]) -> Callable[..., None]:
    """Run ``function`` in an app context of its own, wherever it is called from, and let workers run it by its name.

    It runs once more if the database gave it up because of another transaction, before it committed anything.
    """

    @wraps(function)
    def run(*args):
        from wsgi import app

        with app.app_context():
            again_after_conflict(db.session(), lambda: function(*args))

    AppJob.functions[f"{function.__module__}.{function.__name__}"] = run
    return run
