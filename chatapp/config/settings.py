"""The table of every setting of Plainwire."""

from collections.abc import Callable
from typing import Any, NamedTuple

from .kinds import (
    count,
    count_or_none,
    database_url,
    flag,
    hosts,
    level,
    origin,
    port,
    rate,
    redis_url,
    seconds,
    storage_url,
    text,
)
from .local_files import INSTANCE

PROMPT = "You are a helpful assistant in a team chat. Answer briefly and plainly. Use Markdown where it helps."


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
    Setting("DATABASE_POOLER", False, flag, "", "1 where a pooler such as PgBouncer shares connections by transaction"),
    Setting("DATABASE_STATEMENT_TIMEOUT", 15, seconds, "seconds", "PostgreSQL gives up a statement that takes longer"),
    Setting("DATABASE_LOCK_TIMEOUT", 10, seconds, "seconds", "PostgreSQL gives up a longer wait for a lock"),
    Setting("DATABASE_IDLE_TIMEOUT", 60, seconds, "seconds", "PostgreSQL ends a transaction that is idle for longer"),
    Setting("DATABASE_NETWORK_TIMEOUT", 10, seconds, "seconds", "a PostgreSQL that is silent this much longer is away"),
    Setting("DATABASE_REPLICA_URL", "", database_url, "", "a PostgreSQL replica that answers what only reads"),
    Setting("REDIS_URL", "redis://127.0.0.1:6379/0", redis_url, "", "carries live changes; a cluster may"),
    Setting("QUEUE_REDIS_URL", "", redis_url, "", "carries jobs and rate limits; empty is REDIS_URL"),
    Setting("STORAGE_URL", "", storage_url, "", "a folder or bucket for files; empty is instance/files"),
    # the web process
    Setting("PORT", 8000, port, "", "where the web process listens"),
    Setting("BIND_HOST", "", text, "address", "empty listens on every address, IPv6 and IPv4"),
    Setting("WEB_CONCURRENCY", 1, count, "processes", "one process fills one core"),
    Setting("HTTPS", False, flag, "", "1 where browsers arrive by https: cookies are then never sent in the clear"),
    Setting("TRUSTED_PROXIES", 0, count_or_none, "proxies", "how many X-Forwarded-For entries to believe"),
    Setting("TRUSTED_HOSTS", None, hosts, "", "the host names that the server answers to; empty means all"),
    Setting("ASSET_HOST", "", origin, "", "a CDN in front of this server: pages load scripts and styles from there"),
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
    Setting("STREAMS_PER_PROCESS", 1500, count, "streams", "pages need room beside them"),
    Setting("STREAMS_ON_SOCKETS", True, flag, "", "0 gives each stream a greenlet, as on servers other than ours"),
    # the assistant
    Setting("OPENAI_BASE_URL", "", text, "", "any server that speaks OpenAI's API; empty is OpenAI's own"),
    Setting("OPENAI_API_KEY", "", text, "", "the key for it; local servers need none"),
    Setting("ASSISTANT_MODEL", "gpt-4.1-mini", text, "", "the name the server knows the model by"),
    Setting("ASSISTANT_CONTEXT_TOKENS", 0, count_or_none, "tokens", "its window; 0 is what the model is known for"),
    Setting("ASSISTANT_REPLY_TOKENS", 512, count, "tokens", "a longer reply is cut off"),
    Setting("ASSISTANT_TIMEOUT", 60, seconds, "seconds", "a reply fails when the model is silent for longer"),
    Setting("ASSISTANT_REPLY_TIMEOUT", 180, seconds, "seconds", "a reply fails when it takes longer altogether"),
    Setting("ASSISTANT_PROMPT", PROMPT, text, "", "what the assistant is told before the chat"),
    Setting("REPLIES_AT_ONCE", 50, count, "replies", "in one worker, where each takes about half a megabyte"),
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
