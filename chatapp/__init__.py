"""Plainwire: team chat with AI assistants over plain HTTP."""

import redis
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import authentication, bodies, cli, config, errors, flask_config, helpers, logs, security, views
from .config import PROJECT
from .extensions import (
    assets,
    compress,
    csrf,
    db,
    emoji_list,
    limiter,
    link_previews,
    migrate,
    questions,
    queue,
    shared_files,
    storage,
    turbo,
)  # fmt: skip
from .lib import postgres, rate_storage, redis_client, sqlite
from .models import access, presence
from .models.link_preview import WAITING as LINK_PREVIEWS_WAITING


def create_app(overrides: dict | None = None) -> Flask:
    """The app, set up from the environment; ``overrides`` win over it. The only place where the parts meet."""
    app = Flask(__name__, root_path=str(PROJECT), template_folder="templates", static_folder=None)
    app.config.from_mapping(flask_config.with_flask_config(config.from_environment()) | (overrides or {}))
    # Set afterwards: given to Flask, it would make a route for files without hashes, beside that of WhiteNoise.
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
    trust_proxies(app)
    warn_of_lost_files(app)
    return app


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
    bind_to_redis(app, redis_client.client(app.config["REDIS_URL"]))
    with app.app_context():
        sqlite.configure(db.engine)
        postgres.configure(db.engine, postgres_limits(app))


def postgres_limits(app: Flask) -> postgres.Limits:
    names = ("STATEMENT", "LOCK", "IDLE", "NETWORK")
    return postgres.Limits(*(app.config[f"DATABASE_{name}_TIMEOUT"] for name in names))


def bind_to_redis(app: Flask, client: redis.Redis) -> None:
    """One client for all that a request asks of Redis: when it hangs, they learn of it from one another."""
    app.config["RATELIMIT_STORAGE_URI"] = rate_storage.URI
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"connection_pool": client.connection_pool}
    limiter.init_app(app)
    shared_files.init_app(app, assets, client)
    turbo.init_app(app, db, client)
    queue.init_app(app, client, job_timeout=2 * app.config["ASSISTANT_TIMEOUT"] + app.config["ASSISTANT_REPLY_TIMEOUT"])
    questions.init_app(limiter.limiter, app.config["QUESTION_RATE"], app.config["QUESTIONS_AT_ONCE"])
    waiting = LINK_PREVIEWS_WAITING if app.config["LINK_PREVIEWS"] else 0
    link_previews.init_app(limiter.limiter, app.config["LINK_PREVIEW_RATE"], waiting)


def trust_proxies(app: Flask) -> None:
    """Believe as many entries of X-Forwarded-For and -Proto as there are proxies: visitors can write more themselves.

    X-Forwarded-Host is never believed: many proxies pass on what a visitor put there.
    """
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)
