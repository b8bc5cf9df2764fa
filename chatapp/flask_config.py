"""Turns the settings into the configuration of Flask and its extensions."""

import re
from typing import Any

from .config import INSTANCE
from .lib.redis_address import CLUSTER, kind_of

MIB = 1024 * 1024
DAY = 24 * 60 * 60  # seconds


def with_flask_config(values: dict[str, Any]) -> dict[str, Any]:
    """All of ``app.config``, from what ``config.from_environment`` returns."""
    values = values | redis(values)
    return values | database(values) | storage(values) | flask(values) | turbo(values)


def redis(values: dict[str, Any]) -> dict[str, Any]:
    if kind_of(values["QUEUE_REDIS_URL"] or values["REDIS_URL"]) == CLUSTER:
        raise ValueError("QUEUE_REDIS_URL must be the address of one server: no cluster carries jobs and rate limits.")
    return {name: without_certificate_check(values[name]) for name in ("REDIS_URL", "QUEUE_REDIS_URL")}


def without_certificate_check(url: str) -> str:
    """Hosted Redis servers come with a self-signed certificate; redis-py refuses it unless told otherwise.

    An address that names the authority's certificate (``?ssl_ca_certs=/path/ca.pem``) is checked against it.
    """
    if not url.startswith("rediss") or "ssl_cert_reqs" in url or "ssl_ca_certs" in url:
        return url
    return url + ("&" if "?" in url else "?") + "ssl_cert_reqs=none"


def storage(values: dict[str, Any]) -> dict[str, Any]:
    return {"STORAGE_URL": values["STORAGE_URL"] or str(INSTANCE / "files")}


def database(values: dict[str, Any]) -> dict[str, Any]:
    url, replica = with_driver(values["DATABASE_URL"]), with_driver(values["DATABASE_REPLICA_URL"])
    if replica and not (is_postgres(url) and is_postgres(replica)):
        raise ValueError("DATABASE_REPLICA_URL needs PostgreSQL, there and in DATABASE_URL.")
    if url.startswith("sqlite"):
        options = {"connect_args": {"timeout": 10}}  # seconds a writer waits for the other writer
    else:
        options = {
            "pool_size": values["DATABASE_POOL"],
            "max_overflow": 0,  # the server limits connections, so the pool must not grow beyond its size
            "pool_timeout": 10,  # seconds
            "pool_pre_ping": True,  # a restarted database costs no failed request
            "pool_recycle": 300,  # seconds; routers in between forget idle connections
            "connect_args": {"connect_timeout": 5},  # seconds
        }
        if values["DATABASE_POOLER"]:  # the next transaction may not find what this one prepares
            options["connect_args"] |= {"prepare_threshold": None}
    return {"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": options, "DATABASE_REPLICA_URL": replica}


def with_driver(url: str) -> str:
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def is_postgres(url: str) -> bool:
    return url.startswith("postgresql")


def flask(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "DEBUG": values["FLASK_DEBUG"],
        "MAX_CONTENT_LENGTH": MIB,  # a last bound: bodies.py sets a lower one for each view
        "MAX_FORM_MEMORY_SIZE": MIB,
        "PREFERRED_URL_SCHEME": "https" if values["HTTPS"] else "http",
        "SESSION_COOKIE_NAME": "plainwire",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": values["HTTPS"],
        "PERMANENT_SESSION_LIFETIME": 30 * DAY,
        "SESSION_REFRESH_EACH_REQUEST": False,  # authentication.py renews it, and not in every answer
        "WTF_CSRF_TIME_LIMIT": None,  # a chat stays open for days: its token lives as long as the session
        "WTF_CSRF_SSL_STRICT": False,  # it insists on a header that some networks remove; see lib/csrf.py
        "RATELIMIT_KEY_PREFIX": "plainwire",
        "COMPRESS_MIMETYPES": ["text/html", "text/vnd.turbo-stream.html", "text/css", "text/javascript"],  # no streams
        "COMPRESS_STREAMS": False,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
    }


def turbo(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "TURBO_HEARTBEAT_SECONDS": values["HEARTBEAT_SECONDS"],
        "TURBO_RETRY_MS": values["STREAM_RETRY_MS"],
        "TURBO_MIN_AGE_SECONDS": values["STREAM_MIN_AGE_SECONDS"],
        "TURBO_MAX_AGE_SECONDS": values["STREAM_MAX_AGE_SECONDS"],
        "TURBO_STREAMS_PER_READER": values["STREAMS_PER_USER"],
        "TURBO_STREAMS_PER_PROCESS": values["STREAMS_PER_PROCESS"],
    }
