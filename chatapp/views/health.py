"""Health checks and figures, for monitoring. They are not resources, so the views have the names of their routes."""

import hmac

import redis
from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chatapp.authentication import public
from chatapp.extensions import db, metrics, turbo

bp = Blueprint("health", __name__)


@bp.get("/up")
@public
def up():
    """Liveness: this process answers. Asks nobody else."""
    return Response("up\n", mimetype="text/plain")


@bp.get("/ready")
@public
def ready():
    """Readiness: the database and Redis also answer."""
    troubles = [trouble for trouble in (database_trouble(), redis_trouble()) if trouble]
    return Response("\n".join(troubles or ["ready"]) + "\n", 503 if troubles else 200, mimetype="text/plain")


def database_trouble() -> str | None:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        current_app.logger.warning("not ready: %s", error)
        return "database: does not answer"
    return None


def redis_trouble() -> str | None:
    try:
        turbo.redis.ping()
        turbo.publisher.redis.ping()
    except (redis.RedisError, OSError) as error:
        current_app.logger.warning("not ready: %s", error)
        return "Redis: does not answer"
    return None


@bp.get("/metrics", endpoint="metrics")
@public
def figures():
    """The figures of all processes for Prometheus; with ``?of=process``, of the process that answers.

    Answers requests with the token, and developers.
    """
    if not may_see_figures():
        abort(404)
    return Response(metrics.text(request.args.get("of") == "process"), content_type=CONTENT_TYPE_LATEST)


def may_see_figures() -> bool:
    """Figures tell how busy a team is, so they need a token. An address is no proof: behind a proxy all look local."""
    if token := current_app.config["METRICS_TOKEN"]:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    return current_app.debug
