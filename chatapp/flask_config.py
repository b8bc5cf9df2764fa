"""Turns the settings into the configuration of Flask and its extensions."""

import re
from typing import Any

from .config import INSTANCE

MIB = 1024 * 1024
DAY = 24 * 60 * 60  # seconds


def with_flask_config(values: dict[str, Any]) -> dict[str, Any]:
    """All of ``app.config``, from what ``config.from_environment`` returns."""
    values = values | {"REDIS_URL": without_certificate_check(values["REDIS_URL"])}
    return values | database(values) | storage(values) | flask(values) | turbo(values)


def without_certificate_check(url: str) -> str:
    """Hosted Redis servers come with a self-signed certificate; redis-py refuses it unless told otherwise.

    An address that names the authority's certificate (``?ssl_ca_certs=/path/ca.pem``) is checked against it.
    """
    if not url.startswith("rediss://") or "ssl_cert_reqs" in url or "ssl_ca_certs" in url:
        return url
    return url + ("&" if "?" in url else "?") + "ssl_cert_reqs=none"


def storage(values: dict[str, Any]) -> dict[str, Any]:
    return {"STORAGE_URL": values["STORAGE_URL"] or str(INSTANCE / "files")}


def database(values: dict[str, Any]) -> dict[str, Any]:
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", values["DATABASE_URL"])
    if url.startswith("sqlite"):
        options = {"connect_args": {"timeout": 10}}  # seconds a writer waits for the other writer
    else:
        options = {
            "pool_size": values["DATABASE_POOL"],
            "max_overflow": 0,  # the limit is the server's, not ours
            "pool_timeout": 10,  # seconds
            "pool_pre_ping": True,  # a restarted database costs no failed request
            "pool_recycle": 300,  # seconds; routers in between forget idle connections
            "connect_args": {"connect_timeout": 5},  # seconds
        }
    return {"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": options}


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
        "COMPRESS_MIMETYPES": ["text/html", "text/vnd.turbo-stream.html", "text/css"],  # never event streams
        "COMPRESS_STREAMS": False,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
    }


def turbo(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "TURBO_REDIS_URL": values["REDIS_URL"],
        "TURBO_HEARTBEAT_SECONDS": values["HEARTBEAT_SECONDS"],
        "TURBO_RETRY_MS": values["STREAM_RETRY_MS"],
        "TURBO_MIN_AGE_SECONDS": values["STREAM_MIN_AGE_SECONDS"],
        "TURBO_MAX_AGE_SECONDS": values["STREAM_MAX_AGE_SECONDS"],
        "TURBO_STREAMS_PER_READER": values["STREAMS_PER_USER"],
        "TURBO_STREAMS_PER_PROCESS": values["STREAMS_PER_PROCESS"],
    }
