"""Every setting of Plainwire: the table, how its text is read, and what the extensions are told.

The only reader of os.environ. It imports nothing but the standard library, because gunicorn.conf.py loads it
by path before gevent has patched the process.
"""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent
INSTANCE = PROJECT / "instance"
MIB = 1024 * 1024
DAY = 24 * 60 * 60

PROMPT = "You are a helpful assistant in a team chat. Answer briefly and plainly. Use Markdown where it helps."


def text(value: str) -> str:
    """any text"""
    return value


def flag(value: str) -> bool:
    """1 or 0"""
    return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}[
        value.lower()
    ]


def count(value: str) -> int:
    """a whole number, 1 or more"""
    return at_least(1, int(value))


def count_or_none(value: str) -> int:
    """a whole number, 0 or more"""
    return at_least(0, int(value))


def seconds(value: str) -> float:
    """a number above 0"""
    number = float(value)
    if not 0 < number < float("inf"):
        raise ValueError(value)
    return int(number) if number.is_integer() else number


def at_least(least: int, number: int) -> int:
    if number < least:
        raise ValueError(number)
    return number


def port(value: str) -> int:
    """a port from 1 to 65535"""
    if not 1 <= int(value) <= 65535:
        raise ValueError(value)
    return int(value)


def level(value: str) -> str:
    """DEBUG, INFO, WARNING or ERROR"""
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError(value)
    return value.upper()


def rate(value: str) -> str:
    """rates such as "10 per minute; 100 per hour\""""
    one = r"\s*[1-9]\d*\s*(per|/)\s*(\d+\s*)?(second|minute|hour|day)s?\s*"
    if not re.fullmatch(f"{one}(;{one})*", value, re.IGNORECASE):
        raise ValueError(value)
    return value


def database_url(value: str) -> str:
    """a postgres://, postgresql:// or sqlite:// address"""
    if urlsplit(value).scheme.split("+")[0] not in {"postgres", "postgresql", "sqlite"}:
        raise ValueError(value)
    return value


def redis_url(value: str) -> str:
    """a redis://, rediss:// or unix:// address"""
    if urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError(value)
    return value


class Setting(NamedTuple):
    name: str
    default: Any
    kind: Callable[[str], Any]  # reads the text, and its docstring says what is accepted
    unit: str
    why: str


SETTINGS = (
    # where things are
    Setting("SECRET_KEY", "", text, "", "signs the login cookie; kept in instance/secret_key when not set"),
    Setting("DATABASE_URL", f"sqlite:///{INSTANCE / 'plainwire.sqlite3'}", database_url, "", "where messages live"),
    Setting("DATABASE_POOL", 5, count, "connections per process", "small databases allow 20 for all processes"),
    Setting("REDIS_URL", "redis://127.0.0.1:6379/0", redis_url, "", "carries live changes, jobs and rate limits"),
    # the web process
    Setting("PORT", 8000, port, "", "where the web process listens"),
    Setting("BIND_HOST", "", text, "address", "empty listens on every address, IPv6 and IPv4"),
    Setting("WEB_CONCURRENCY", 1, count, "processes", "one process fills one core"),
    Setting("HTTPS", False, flag, "", "1 where browsers arrive by https: cookies are then never sent in the clear"),
    Setting("TRUSTED_PROXIES", 0, count_or_none, "proxies", "how many X-Forwarded-For entries to believe"),
    Setting("SETUP_WITHOUT_TOKEN", False, flag, "", "1 makes the first account the admin without the set-up token"),
    Setting("METRICS_TOKEN", "", text, "", "who shows it may read /metrics; empty lets only this machine"),
    Setting("LOG_LEVEL", "INFO", level, "", "the least important line that is logged"),
    Setting("FLASK_DEBUG", False, flag, "", "1 takes up changed code, templates and static files without a restart"),
    # live streams
    Setting("HEARTBEAT_SECONDS", 15, seconds, "seconds", "well below the 55 s after which routers cut a silent stream"),
    Setting("STREAM_MIN_AGE_SECONDS", 2700, seconds, "seconds", "no stream ends before this age,"),
    Setting(
        "STREAM_MAX_AGE_SECONDS", 3600, seconds, "seconds", "and none lives longer; in between they end spread out"
    ),
    Setting("STREAM_RETRY_MS", 2000, count, "milliseconds", "how long a browser waits before it reconnects"),
    Setting("STREAMS_PER_USER", 20, count, "streams", "one user's tabs may not fill the process"),
    Setting("STREAMS_PER_PROCESS", 1500, count, "streams", "about 20 KB of memory each; pages need room beside them"),
    # the assistant
    Setting("OPENAI_BASE_URL", "", text, "", "any server that speaks OpenAI's API; empty is OpenAI's own"),
    Setting("OPENAI_API_KEY", "", text, "", "the key for it; local servers need none"),
    Setting("ASSISTANT_MODEL", "gpt-4.1-mini", text, "", "the name the server knows the model by"),
    Setting("ASSISTANT_CONTEXT_TOKENS", 2048, count, "tokens", "what the model can read, its reply included"),
    Setting("ASSISTANT_REPLY_TOKENS", 512, count, "tokens", "a longer reply is cut off"),
    Setting("ASSISTANT_TIMEOUT", 60, seconds, "seconds", "a reply that is silent for longer has failed"),
    Setting("ASSISTANT_REPLY_TIMEOUT", 180, seconds, "seconds", "and one that takes longer altogether, too"),
    Setting("ASSISTANT_PROMPT", PROMPT, text, "", "what the assistant is told before the chat"),
    # limits, per address or per user
    Setting("LOGIN_RATE", "20 per minute; 100 per hour", rate, "", "for one account from one address or known browser"),
    Setting("LOGIN_ADDRESS_RATE", "120 per minute", rate, "", "for all accounts from one address"),
    Setting(
        "LOGIN_ACCOUNT_RATE", "20 per 10 minutes; 100 per day", rate, "", "wrong guesses from all unknown browsers"
    ),
    Setting("SIGNUP_RATE", "100 per hour", rate, "", "a whole office may share one address"),
    Setting("PROBE_RATE", "20 per hour", rate, "", "how often somebody is told whether an address has an account"),
    Setting("CHAT_RATE", "30 per minute; 200 per hour", rate, "", "new chats: an open one is on everybody's list"),
    Setting("MESSAGE_RATE", "50 per second; 1500 per minute", rate, "", "a loop in a bot does not drown the others"),
    Setting("TYPING_RATE", "3 per second", rate, "", "a page says so every two seconds"),
    Setting("STREAM_RATE", "50 per second; 3000 per minute", rate, "", "streams and polls begun by all tabs of a user"),
    Setting("WRITE_RATE", "120 per minute", rate, "", "for each other thing that changes something"),
)


def from_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All of app.config. Raises ValueError with one line that names the variable and says what it accepts."""
    values = {setting.name: read(setting, environ) for setting in SETTINGS}
    values["SECRET_KEY"] = values["SECRET_KEY"] or secret_key(values, environ)
    values["REDIS_URL"] = without_certificate_check(values["REDIS_URL"])
    if values["STREAM_MIN_AGE_SECONDS"] > values["STREAM_MAX_AGE_SECONDS"]:
        raise ValueError("STREAM_MIN_AGE_SECONDS must not be above STREAM_MAX_AGE_SECONDS.")
    return values | database(values) | flask(values)


def read(setting: Setting, environ: Mapping[str, str]) -> Any:
    value = environ.get(setting.name, "").strip()
    if not value:
        return setting.default
    try:
        return setting.kind(value)
    except (ValueError, KeyError):
        shown = "" if setting.name.endswith("_URL") else f", not {value!r}"  # an address may hold a password
        raise ValueError(f"{setting.name} must be {setting.kind.__doc__}{shown}.") from None


def secret_key(values: dict[str, Any], environ: Mapping[str, str]) -> str:
    if not values["DATABASE_URL"].startswith("sqlite") or "DYNO" in environ:
        raise ValueError("SECRET_KEY must be set in a deploy, to any long random text. One key serves all processes.")
    return local_secret_key()


def local_secret_key() -> str:
    """A key that the web and worker processes of this one machine share. It lies in instance/, with mode 0600."""
    path = INSTANCE / "secret_key"
    if not path.exists():
        INSTANCE.mkdir(exist_ok=True)
        write_once(path, secrets.token_hex(32))
    return path.read_text().strip()


def write_once(path: Path, content: str) -> None:
    """Two processes may start at the same moment: the first one's file stays, and is never seen half written."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def without_certificate_check(url: str) -> str:
    """Hosted Redis servers come with a self-signed certificate; redis-py refuses it unless told otherwise."""
    if not url.startswith("rediss://") or "ssl_cert_reqs" in url:
        return url
    return url + ("&" if "?" in url else "?") + "ssl_cert_reqs=none"


def database(values: dict[str, Any]) -> dict[str, Any]:
    url = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", values["DATABASE_URL"])
    if url.startswith("sqlite"):
        INSTANCE.mkdir(exist_ok=True)
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
        "MAX_CONTENT_LENGTH": MIB,  # no view takes as much: bodies.py says what each one takes
        "MAX_FORM_MEMORY_SIZE": MIB,
        "PREFERRED_URL_SCHEME": "https" if values["HTTPS"] else "http",
        "SESSION_COOKIE_NAME": "plainwire",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": values["HTTPS"],
        "PERMANENT_SESSION_LIFETIME": 30 * DAY,
        "SESSION_REFRESH_EACH_REQUEST": False,  # authentication.py renews it, and not in every answer
        "WTF_CSRF_TIME_LIMIT": None,  # a chat stays open for days: its token lives as long as the session
        "RATELIMIT_KEY_PREFIX": "plainwire",
    }
