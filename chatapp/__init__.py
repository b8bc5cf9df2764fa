"""Plainwire: team chat with AI assistants over plain HTTP."""

from collections.abc import Callable
from functools import partial

import redis
from flask import Flask
from sqlalchemy import Engine, create_engine
from werkzeug.middleware.proxy_fix import ProxyFix

from . import authentication, bodies, cli, config, door, errors, flask_config, helpers, logs, measuring, security, views
from .config import PROJECT
from .extensions import (
    assets,
    compress,
    csrf,
    db,
    emoji_list,
    limiter,
    link_previews,
    metrics,
    migrate,
    questions,
    queue,
    replica,
    shared_files,
    storage,
    turbo,
    web_pages,
)  # fmt: skip
from .lib import postgres, rate_storage, redis_client, sqlite
from .lib.redis_address import CLUSTER, kind_of
from .lib.signed_cookies import SignedCookies
from .lib.templates import Templates
from .models import access, presence
from .models.link_preview import WAITING as LINK_PREVIEWS_WAITING
from .models.mixins.answering import ANSWER_JOB, WRITE_JOB
from .turbo import Cluster

#: How often assistants may read web pages for one person. Sites see this server's one address, whoever asks.
WEB_PAGE_RATE = "20 per minute; 200 per hour"


def create_app(overrides: dict | None = None) -> Flask:
    """Returns the app, set up from the environment; ``overrides`` win over it. The parts meet nowhere else."""
    app = Flask(__name__, root_path=str(PROJECT), template_folder="templates", static_folder=None)
    app.jinja_environment = Templates
    app.session_interface = SignedCookies()
    app.ensure_sync = at_once
    app.config.from_mapping(flask_config.with_flask_config(config.from_environment()) | (overrides or {}))
    # Set afterwards: Flask would otherwise add its own route for files, without hashes, beside WhiteNoise's.
    app.static_folder = str(PROJECT / "static")
    app.instance_path = str(config.INSTANCE)
    logs.init_app(app)
    bodies.init_app(app)
    bind_extensions(app)
    for part in (security, authentication, helpers, errors, views, cli):
        part.init_app(app)
    turbo.withdrawn(access.withdrawn)
    turbo.watched(presence.watched)
    turbo.attendance(presence.attendance)
    turbo.reading(replica.read)
    door.init_app(app)
    trust_proxies(app)
    warn_of_lost_files(app)
    return app


def at_once(function: Callable) -> Callable:
    """Nothing here is asynchronous. Flask finds that out anew for each function of each request."""
    return function


def warn_of_lost_files(app: Flask) -> None:
    """Platforms give each process a disk of its own, and a new one with each deploy."""
    if app.config["LOSES_DISK"]:
        app.logger.warning("Files that people send are lost with the next restart. Set STORAGE_URL to an S3 bucket.")


def bind_extensions(app: Flask) -> None:
    assets.init_app(app)
    emoji_list.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(PROJECT / "migrations"), render_as_batch=True)
    csrf.init_app(app)
    compress.init_app(app)
    storage.init_app(app)
    bind_to_redis(app)
    with app.app_context():
        sqlite.configure(db.engine)
        postgres.configure(db.engine, postgres_limits(app))
        replica.init_app(db, replica_engine(app))
        measuring.init_app(app, db.engine, replica)


def replica_engine(app: Flask) -> Engine | None:
    """Does not ping the replica before each use: when it is away, the primary answers."""
    if not (url := app.config["DATABASE_REPLICA_URL"]):
        return None
    engine = create_engine(url, **app.config["SQLALCHEMY_ENGINE_OPTIONS"] | {"pool_pre_ping": False})
    postgres.configure(engine, postgres_limits(app))
    return engine


def postgres_limits(app: Flask) -> postgres.Limits:
    names = ("STATEMENT", "LOCK", "IDLE", "NETWORK")
    limits = (app.config[f"DATABASE_{name}_TIMEOUT"] for name in names)
    return postgres.Limits(*limits, each_transaction=app.config["DATABASE_POOLER"])


def bind_to_redis(app: Flask) -> None:
    """All parts ask Redis through one client, so when Redis hangs, one of them finds out for all."""
    live, jobs = app.config["REDIS_URL"], app.config["QUEUE_REDIS_URL"] or app.config["REDIS_URL"]
    client = redis_client.client(jobs)
    app.config["RATELIMIT_STORAGE_URI"] = rate_storage.URI
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"connection_pool": client.connection_pool}
    limiter.init_app(app)
    shared_files.init_app(app, assets, client)
    turbo.init_app(app, db, client, None if live == jobs else carrier(live))
    metrics.init_app(app, client)
    queue.waiting = {ANSWER_JOB, WRITE_JOB}
    queue.init_app(app, client, job_timeout=2 * app.config["ASSISTANT_TIMEOUT"] + app.config["ASSISTANT_REPLY_TIMEOUT"])
    questions.init_app(limiter.limiter, app.config["QUESTION_RATE"], app.config["QUESTIONS_AT_ONCE"])
    waiting = LINK_PREVIEWS_WAITING if app.config["LINK_PREVIEWS"] else 0
    web_pages.init_app(limiter.limiter, WEB_PAGE_RATE, at_once=1)
    link_previews.init_app(limiter.limiter, app.config["LINK_PREVIEW_RATE"], waiting)


def carrier(url: str) -> redis.Redis | Cluster:
    """Returns the client for the live changes, where they have a Redis of their own."""
    return Cluster(partial(redis_client.cluster, url)) if kind_of(url) == CLUSTER else redis_client.client(url)


def trust_proxies(app: Flask) -> None:
    """Believe as many entries of X-Forwarded-For and -Proto as there are proxies: visitors can write more themselves.

    X-Forwarded-Host is never believed: many proxies pass on what a visitor put there.
    """
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)
