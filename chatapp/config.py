"""Every setting of Plainwire: the table, how its text is read, and what a deploy may not do.

The only reader of os.environ. It imports nothing but the standard library, because gunicorn.conf.py loads it
by path before gevent has patched the process.
"""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
INSTANCE = PROJECT / "instance"

#: Variables that platforms set for each process they run: Heroku and Dokku, Render, Fly, Railway, Cloud Run.
PLATFORMS = ("DYNO", "RENDER", "FLY_APP_NAME", "RAILWAY_ENVIRONMENT", "K_SERVICE")
SECRET_LENGTH = 32  # characters
NO_SECRET = "SECRET_KEY must be set in a deploy, to any long random text. One key serves all processes."
PROMPT = "You are a helpful assistant in a team chat. Answer briefly and plainly. Use Markdown where it helps."


def text(value: str) -> str:
    """any text"""
    return value


def flag(value: str) -> bool:
    """1 or 0"""
    on, off = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
    return {**dict.fromkeys(on, True), **dict.fromkeys(off, False)}[value.lower()]


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


def at_least(least: int, number: int, most: float = float("inf")) -> int:
    if not least <= number <= most:
        raise ValueError(number)
    return number


def matching(pattern: str, value: str) -> str:
    if not re.fullmatch(pattern, value, re.IGNORECASE):
        raise ValueError(value)
    return value


def port(value: str) -> int:
    """a port from 1 to 65535"""
    return at_least(1, int(value), most=65535)


def level(value: str) -> str:
    """DEBUG, INFO, WARNING or ERROR"""
    return {name: name for name in ("DEBUG", "INFO", "WARNING", "ERROR")}[value.upper()]


def rate(value: str) -> str:
    """rates such as "10 per minute; 100 per hour\""""
    one = r"\s*[1-9]\d*\s*(per|/)\s*(\d+\s*)?(second|minute|hour|day)s?\s*"
    return matching(f"{one}(;{one})*", value)


def database_url(value: str) -> str:
    """a postgres://, postgresql:// or sqlite:// address"""
    return matching(r"(postgres(ql)?|sqlite)(\+\w+)?:.*", value)


def hosts(value: str) -> list[str]:
    """host names without scheme or port, separated by commas; a leading dot includes all subdomains"""
    names = [name.strip() for name in value.split(",")]
    return [matching(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", name) for name in names]


def redis_url(value: str) -> str:
    """a redis://, rediss:// or unix:// address"""
    return matching("(rediss?|unix):.*", value)


def storage_url(value: str) -> str:
    """a folder, or s3://key:secret@host/bucket"""
    bucket = r"s3(\+http)?://[^/:@]+:[^/@]+@[^/@]+/[^/?]+(\?region=[\w-]+)?"
    return matching(bucket, value) if "://" in value else value


class Setting(NamedTuple):
    name: str
    default: Any
    kind: Callable[[str], Any]  # reads the text, and its docstring says what is accepted
    unit: str
    why: str


SETTINGS = (
    Setting("SECRET_KEY", "", text, "", "signs the login cookie; kept in instance/secret_key when not set"),
    Setting("DATABASE_URL", f"sqlite:///{INSTANCE / 'plainwire.sqlite3'}", database_url, "", "where messages live"),
    Setting("DATABASE_POOL", 5, count, "connections per process", "small databases allow 20 in all"),
    Setting("DATABASE_STATEMENT_TIMEOUT", 15, seconds, "seconds", "PostgreSQL gives up a statement that takes longer"),
    Setting("DATABASE_LOCK_TIMEOUT", 10, seconds, "seconds", "PostgreSQL gives up a longer wait for a lock"),
    Setting("DATABASE_IDLE_TIMEOUT", 60, seconds, "seconds", "PostgreSQL ends a transaction that is idle for longer"),
    Setting("DATABASE_NETWORK_TIMEOUT", 10, seconds, "seconds", "a PostgreSQL that is silent this much longer is away"),
    Setting("REDIS_URL", "redis://127.0.0.1:6379/0", redis_url, "", "carries live changes, jobs and rate limits"),
    Setting("STORAGE_URL", "", storage_url, "", "a folder or bucket for files; empty is instance/files"),
    # the web process
    Setting("PORT", 8000, port, "", "where the web process listens"),
    Setting("BIND_HOST", "", text, "address", "empty listens on every address, IPv6 and IPv4"),
    Setting("WEB_CONCURRENCY", 1, count, "processes", "one process fills one core"),
    Setting("HTTPS", False, flag, "", "1 where browsers arrive by https: cookies are then never sent in the clear"),
    Setting("TRUSTED_PROXIES", 0, count_or_none, "proxies", "how many X-Forwarded-For entries to believe"),
    Setting("TRUSTED_HOSTS", None, hosts, "", "the host names that the server answers to; empty means all"),
    Setting("SETUP_WITHOUT_TOKEN", False, flag, "", "1 makes the first account the admin without the set-up token"),
    Setting("METRICS_TOKEN", "", text, "", "requests for /metrics must send it; empty closes /metrics"),
    Setting("LOG_LEVEL", "INFO", level, "", "the least important line that is logged"),
    Setting("FLASK_DEBUG", False, flag, "", "1 takes up changed code, templates and static files without a restart"),
    # live streams
    Setting("HEARTBEAT_SECONDS", 15, seconds, "seconds", "well below the 55 s after which routers cut a silent stream"),
    Setting("STREAM_MIN_AGE_SECONDS", 2700, seconds, "seconds", "no stream ends before this age,"),
    Setting("STREAM_MAX_AGE_SECONDS", 3600, seconds, "seconds", "no stream lives longer; each ends in between"),
    Setting("STREAM_RETRY_MS", 2000, count, "milliseconds", "how long a browser waits before it reconnects"),
    Setting("STREAMS_PER_USER", 20, count, "streams", "one user's tabs may not fill the process"),
    Setting("STREAMS_PER_PROCESS", 1500, count, "streams", "about 20 KB of memory each; pages need room beside them"),
    # the assistant
    Setting("OPENAI_BASE_URL", "", text, "", "any server that speaks OpenAI's API; empty is OpenAI's own"),
    Setting("OPENAI_API_KEY", "", text, "", "the key for it; local servers need none"),
    Setting("ASSISTANT_MODEL", "gpt-4.1-mini", text, "", "the name the server knows the model by"),
    Setting("ASSISTANT_CONTEXT_TOKENS", 2048, count, "tokens", "what the model can read, its reply included"),
    Setting("ASSISTANT_REPLY_TOKENS", 512, count, "tokens", "a longer reply is cut off"),
    Setting("ASSISTANT_TIMEOUT", 60, seconds, "seconds", "a reply fails when the model is silent for longer"),
    Setting("ASSISTANT_REPLY_TIMEOUT", 180, seconds, "seconds", "a reply fails when it takes longer altogether"),
    Setting("ASSISTANT_PROMPT", PROMPT, text, "", "what the assistant is told before the chat"),
    # files
    Setting("ATTACHMENT_FILE_MB", 100, count, "MB", "one file"),
    Setting("ATTACHMENT_MESSAGE_FILES", 10, count, "files", "in one message"),
    Setting("ATTACHMENT_MESSAGE_MB", 200, count, "MB", "all files of one message"),
    Setting("ATTACHMENT_DAY_MB", 1000, count, "MB", "all files that one user sends within 24 hours"),
    Setting("LINK_PREVIEWS", True, flag, "", "0 fetches no page that somebody links in a message"),
    # limits, per address or per user
    Setting("LOGIN_RATE", "20 per minute; 100 per hour", rate, "", "for one account from one address or known browser"),
    Setting("LOGIN_ADDRESS_RATE", "120 per minute", rate, "", "for all accounts from one address"),
    Setting("LOGIN_ACCOUNT_RATE", "20 per 10 minutes; 60 per 6 hours", rate, "", "guesses from unknown browsers"),
    Setting("SIGNUP_RATE", "100 per hour", rate, "", "a whole office may share one address"),
    Setting("PROBE_RATE", "20 per hour", rate, "", "answers that tell whether an address is taken"),
    Setting("PEOPLE_RATE", "10 per second; 200 per minute", rate, "", "looking for people, also while one types"),
    Setting("CHAT_RATE", "30 per minute; 200 per hour", rate, "", "new chats: an open one is on everybody's list"),
    Setting("MESSAGE_RATE", "50 per second; 1500 per minute", rate, "", "a loop in a bot does not drown the others"),
    Setting("QUESTION_RATE", "20 per minute; 200 per hour", rate, "", "questions to the assistant may cost money"),
    Setting("QUESTIONS_AT_ONCE", 5, count, "questions", "of one person that may wait for answers"),
    Setting("TYPING_RATE", "3 per second", rate, "", "a page says so every two seconds"),
    Setting("READ_RATE", "5 per second; 120 per minute", rate, "", "a page says what was read, once a second at most"),
    Setting("STREAM_RATE", "50 per second; 3000 per minute", rate, "", "streams and polls begun by all tabs of a user"),
    Setting("UPLOAD_RATE", "30 per second; 900 per minute", rate, "", "pieces of files; a piece has 768 KiB at most"),
    Setting("LINK_PREVIEW_RATE", "10 per minute; 60 per hour", rate, "", "new previews; the worker waits for each"),
    Setting("SEARCH_RATE", "10 per second; 240 per minute", rate, "", "a page searches as its reader types"),
    Setting("WRITE_RATE", "120 per minute", rate, "", "all other changes of one user"),
)


def from_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All of app.config. Raises ValueError with one line that names the variable and says what it accepts."""
    values = {setting.name: read(setting, environ) for setting in SETTINGS}
    platform = any(name in environ for name in PLATFORMS)
    if platform:
        refuse_unsafe_deploy(values)
    values["SECRET_KEY"] = values["SECRET_KEY"] or secret_key(values)
    if values["STREAM_MIN_AGE_SECONDS"] > values["STREAM_MAX_AGE_SECONDS"]:
        raise ValueError("STREAM_MIN_AGE_SECONDS must not be above STREAM_MAX_AGE_SECONDS.")
    make_private(values["DATABASE_URL"])
    return values | {"LOSES_DISK": platform and not values["STORAGE_URL"]}


def read(setting: Setting, environ: Mapping[str, str]) -> Any:
    value = environ.get(setting.name, "").strip()
    if not value:
        return setting.default
    try:
        return setting.kind(value)
    except (ValueError, KeyError):
        shown = "" if setting.name.endswith("_URL") else f", not {value!r}"  # an address may hold a password
        raise ValueError(f"{setting.name} must be {setting.kind.__doc__}{shown}.") from None


def refuse_unsafe_deploy(values: dict[str, Any]) -> None:
    """Raises ValueError for settings that are harmless on a developer's machine and dangerous on a public server."""
    if values["SECRET_KEY"] and len(values["SECRET_KEY"]) < SECRET_LENGTH:
        raise ValueError(
            f"SECRET_KEY has {len(values['SECRET_KEY'])} characters, and a deploy needs at least {SECRET_LENGTH}: "
            "a short one lets strangers guess their way into every account. Make one by: openssl rand -hex 32"
        )
    for name in ("FLASK_DEBUG", "SETUP_WITHOUT_TOKEN"):
        if values[name]:
            raise ValueError(f"{name} must not be 1 in a deploy. It is meant for your own machine.")
    if not values["HTTPS"]:
        raise ValueError("HTTPS must be 1 in a deploy: without it, cookies travel in the clear.")
    if not values["SECRET_KEY"]:
        raise ValueError(NO_SECRET)


def secret_key(values: dict[str, Any]) -> str:
    if not values["DATABASE_URL"].startswith("sqlite"):
        raise ValueError(NO_SECRET)
    return local_secret("secret_key")


def make_private(database_url: str) -> None:
    """Keep other users of the machine out of instance/, which holds all messages."""
    INSTANCE.mkdir(mode=0o700, exist_ok=True)
    INSTANCE.chmod(0o700)
    file = Path(database_url.removeprefix("sqlite:///"))
    if file.parent == INSTANCE:
        file.touch(mode=0o600)  # SQLite gives the files beside it the same mode
        file.chmod(0o600)


def local_secret(name: str) -> str:
    """A secret that the processes of this machine share: the file ``name`` in instance/, with mode 0600."""
    path = INSTANCE / name
    if not path.exists():
        INSTANCE.mkdir(mode=0o700, exist_ok=True)
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
