"""What tests ask for. Redis is real, and so is the database: SQLite, or PostgreSQL with TEST_DATABASE=postgres.

With TEST_DATABASE=both, what meets the database runs on each, and all other tests once; see tests/pool.py.

Each process of pytest has its own Redis and its own database, made by the migrations and emptied between tests.
Servers start when the first test asks for them, so tests that bring their own processes pay for nothing here.
"""

import os
import signal
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from playwright.sync_api import sync_playwright
from redis import Redis
from rq import SimpleWorker
from sqlalchemy import select

from chatapp.lib import redis_client
from tests.middleboxes.table import pytest_terminal_summary  # noqa: F401 - here, where each process reads it
from tests.pool import NAMES, Pool
from tests.provider import Provider
from tests.servers import SETTING_NAMES, free_port, postgres_server, redis_server, wait_until
from tests.visitors import PASSWORD, Visitor, start_over

# What fails in these is told as in a test. Before anybody imports them.
pytest.register_assert_rewrite("tests.system.core", "tests.system.pages", "tests.system.people")

# A busy machine is no mistake of the code under test.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# A password that is checked in an instant; the app's own hasher takes what it reads in the hash.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

# Nearly all tests are shorter.
LONG_TEST = timedelta(seconds=15)

CHOSEN = os.environ.get("TEST_DATABASE") or "sqlite"
DATABASES = list(NAMES) if CHOSEN == "both" else [CHOSEN]


def pytest_configure(config) -> None:
    at_once = config.getoption("numprocesses") or 1
    if CHOSEN not in (*NAMES, "both"):
        raise pytest.UsageError(f"TEST_DATABASE is {CHOSEN}, and may be sqlite, postgres or both.")
    if len(DATABASES) > at_once and not hasattr(config, "workerinput"):
        raise pytest.UsageError("TEST_DATABASE=both needs a process for each: -n 2, or more.")


def pytest_xdist_make_scheduler(config, log) -> Pool | None:
    return Pool(config, log) if len(DATABASES) > 1 or config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config, items) -> None:
    """Marks the tests that meet the database. The others run only once for both, and so do those on any of them."""
    for item in items:
        if "database" in item.fixturenames:
            item.add_marker("database")
    twice = [item for item in items if item.get_closest_marker("any_database") and database_of(item) != DATABASES[0]]
    config.hook.pytest_deselected(items=twice)
    items[:] = [item for item in items if item not in set(twice)]


def database_of(item) -> str:
    return item.callspec.params["database"]


@pytest.fixture(autouse=True)
def one_day() -> None:
    """A test that begins just before midnight waits for the new day. It may look for "Today" behind midnight."""
    wait_until(lambda: (datetime.now(UTC) + LONG_TEST).date() == datetime.now(UTC).date(), what="the new day")


@pytest.fixture(scope="session")
def playwright():
    """One for the process: Playwright allows no second one beside it."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session", params=DATABASES, ids=NAMES.get)
def database(request) -> str:
    """``sqlite`` or ``postgres``."""
    return request.param


@pytest.fixture(scope="session")
def redis(tmp_path_factory):
    """The Redis of this process. Tests that stop or restart one start their own."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres():
    """The PostgreSQL of this process; ``.create_database(name)`` gives an address."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def database_url(database, request, tmp_path_factory) -> str:
    if database == "postgres":
        return request.getfixturevalue("postgres").create_database("unit")
    return f"sqlite:///{tmp_path_factory.mktemp('database')}/unit.sqlite3"


@pytest.fixture(scope="session")
def migrated_app(redis, database_url, tmp_path_factory):
    """The app of ``wsgi.py``, which is what the jobs run in; set up before anything imports it."""
    with pytest.MonkeyPatch.context() as environ:
        for name in SETTING_NAMES:
            environ.delenv(name, raising=False)
        chosen = {"DATABASE_URL": database_url, "REDIS_URL": redis.url, "SECRET_KEY": "test", "LOG_LEVEL": "WARNING"}
        # No heartbeat ever comes: what a test waits for has to happen for its own reason.
        chosen |= {"STORAGE_URL": str(tmp_path_factory.mktemp("files"))}
        for name, value in (chosen | {"DATABASE_POOL": "12", "HEARTBEAT_SECONDS": "600"}).items():
            environ.setenv(name, value)
        environ.setattr(redis_client, "TIMEOUT", 60.0)  # a Redis that is busy for a second is not away
        from wsgi import app
    app.testing = True  # a mistake is raised here, and not made into a page
    migrate(app)
    yield app
    close(app)


def migrate(app) -> None:
    from flask_migrate import upgrade

    with app.app_context():
        upgrade()


def close(app) -> None:
    from chatapp.extensions import db, turbo

    turbo.hub.close()
    turbo.publisher.redis.close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def patient(redis):
    """A client of that Redis that waits for as long as it takes."""
    with Redis.from_url(redis.url, socket_timeout=60) as client:
        yield client


@pytest.fixture
def app(migrated_app, patient):
    """The app with nothing in its database and its Redis, and an app context for the test itself.

    Requests of a ``Visitor`` run outside of that context, as real ones do.
    """
    from chatapp.extensions import db
    from tests.queries import empty

    with migrated_app.app_context():
        with db.engine.begin() as connection:
            empty(connection)
        patient.flushall()  # the app's own client gives up after a second, which a busy machine may take
        yield migrated_app
        db.session.rollback()


@pytest.fixture
def anonymous(app) -> Visitor:
    """A browser in which nobody is logged in."""
    return Visitor(app)


@pytest.fixture
def client(app):
    """``client()`` is a new browser; ``client(user)`` one in which ``user`` is logged in."""
    return lambda user=None: Visitor(app).log_in(user) if user else Visitor(app)


@pytest.fixture
def person(app):
    """``person("Alice")`` is a new account with a browser; ``.user`` is its record."""
    from chatapp.extensions import db
    from chatapp.models import User

    def create(name: str, **attributes) -> Visitor:
        user = User(name=name, email=f"{name.lower()}@example.com", password_hash=PASSWORD_HASH, **attributes)
        db.session.add(user)
        db.session.commit()
        return Visitor(app, user)

    return create


@pytest.fixture
def alice(person) -> Visitor:
    return person("Alice")


@pytest.fixture
def bob(person) -> Visitor:
    return person("Bob")


@pytest.fixture
def charlie(person) -> Visitor:
    """The outsider: has an account, and is a member of nothing."""
    return person("Charlie")


@pytest.fixture
def admin(person) -> Visitor:
    return person("Ada", admin=True)


@pytest.fixture
def chat(alice, bob):
    """A closed chat of Alice, who made it, and Bob; the assistant keeps out of it."""
    from chatapp.extensions import db
    from chatapp.models import Chat

    chat = Chat.start(alice.user, "Plans", assistant="never")
    db.session.flush()
    chat.admit(bob.user)
    db.session.commit()
    return chat


@pytest.fixture
def message(chat, alice):
    """A message of Alice in that chat."""
    from chatapp.extensions import db

    message = chat.post(alice.user, "Hello")
    db.session.commit()
    return message


@pytest.fixture
def removed(chat, person) -> Visitor:
    """Was a member of ``chat``, with its page open, until just now."""
    from chatapp.extensions import db
    from chatapp.models import Membership

    rita = person("Rita")
    chat.admit(rita.user)
    db.session.commit()
    assert rita.get(f"/chats/{chat.id}").status_code == 200
    chat.dismiss(db.session.scalar(select(Membership).filter_by(chat_id=chat.id, user_id=rita.user.id)))
    db.session.commit()
    return rita


@pytest.fixture
def nothing_remembered(app, monkeypatch) -> None:
    """The process renders each row and head anew, as after its start."""
    from chatapp.turbo.row_cache import RowCache

    monkeypatch.setitem(app.extensions, "turbo.rows", RowCache(0))


@pytest.fixture
def dead_redis(app, monkeypatch):
    """The app looks for Redis at an address without one."""
    from chatapp.extensions import limiter, metrics, queue, shared_files, turbo
    from chatapp.lib.redis_client import client

    nowhere = client(f"redis://127.0.0.1:{free_port()}/0")
    for part in (turbo, turbo.publisher, turbo.limit, turbo.owners, queue, shared_files, metrics):
        monkeypatch.setattr(part, "redis", nowhere)
    for line in (queue.rq, queue.replies):
        monkeypatch.setattr(line, "connection", nowhere)
    monkeypatch.setattr(limiter.storage.storage, "connection_pool", nowhere.connection_pool)


@pytest.fixture
def provider(migrated_app, monkeypatch):
    """A server that speaks OpenAI's API, says what it is told to say, and fails on command."""
    with Provider() as provider:
        monkeypatch.setitem(migrated_app.config, "OPENAI_BASE_URL", provider.url)
        monkeypatch.setattr("chatapp.lib.llm.uncounted", set())  # another one may have had the same address
        yield provider


@pytest.fixture
def work(app):
    """``work()`` runs the queued jobs, as a worker does, and raises if one of them failed."""
    from chatapp.extensions import queue
    from chatapp.jobs import OWN_JOBS, know_all

    know_all()

    def run() -> None:
        # As in production, not on the client of the requests: a worker gives its connection longer timeouts.
        with keeping_signal_handlers(), Redis.from_url(app.config["REDIS_URL"]) as connection:
            names = [queue.replies.name, queue.rq.name]
            Worker(names, connection=connection, **OWN_JOBS).work(burst=True, logging_level="WARNING")
        start_over()
        for line in (queue.replies, queue.rq):
            for job_id in line.failed_job_registry.get_job_ids():
                raise AssertionError(line.fetch_job(job_id).latest_result().exc_string)

    return run


class Worker(SimpleWorker):
    """Takes no commands: the thread that hears them would keep it for up to a second at its end."""

    def subscribe(self) -> None: ...

    def unsubscribe(self) -> None: ...


def keeping_signal_handlers() -> ExitStack:
    """A worker takes the handlers of the process for itself and does not give them back."""
    stack = ExitStack()
    for number in (signal.SIGINT, signal.SIGTERM):
        stack.callback(signal.signal, number, signal.getsignal(number))
    return stack
