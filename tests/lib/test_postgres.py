import threading
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from chatapp.lib import postgres
from tests.swallower import Swallower

POOL = 3
LIMITS = postgres.Limits(statement=1, lock=0.5, idle_in_transaction=1, network=0.5)
#: To each connection once, and to each transaction.
SAID = [LIMITS, LIMITS._replace(each_transaction=True)]


@pytest.fixture(scope="module")
def address(postgres) -> str:
    return postgres.create_database("limits").replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def engine_of():
    engines = []

    def create(address: str, limits=LIMITS):
        engine = create_engine(
            address, pool_size=POOL, max_overflow=0, pool_pre_ping=True, connect_args={"connect_timeout": 2}
        )
        postgres.configure(engine, limits)
        engines.append(engine)
        return engine

    yield create
    for engine in engines:
        engine.dispose()


def select_one(engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT 1"))


def test_a_network_that_swallows_everything_does_not_take_the_pool(address, engine_of):
    port = urlsplit(address).port
    with Swallower(port) as proxy:
        engine = engine_of(address.replace(f":{port}/", f":{proxy.port}/"))
        held = [engine.connect() for _ in range(POOL)]
        proxy.swallowing.set()
        asking = [threading.Thread(target=fails, args=(connection,), daemon=True) for connection in held]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(timeout=60)
        assert [thread.is_alive() for thread in asking] == [False] * POOL, "the requests wait and hold the pool"
        proxy.swallowing.clear()
        assert [select_one(engine) for _ in range(POOL)] == [1] * POOL


def fails(connection) -> None:
    with pytest.raises(OperationalError, match="no answer from the database"), connection:
        connection.execute(text("SELECT 1"))


def test_a_connection_that_went_silent_in_the_pool_is_replaced(address, engine_of):
    port = urlsplit(address).port
    with Swallower(port) as proxy:
        engine = engine_of(address.replace(f":{port}/", f":{proxy.port}/"))
        assert select_one(engine) == 1
        proxy.swallowing.set()
        thread = threading.Thread(target=pytest.raises, args=(OperationalError, select_one, engine), daemon=True)
        thread.start()
        thread.join(timeout=60)
        assert not thread.is_alive(), "the check of the connection waits for ever"
        proxy.swallowing.clear()
        assert select_one(engine) == 1


@pytest.mark.parametrize("limits", SAID, ids=str)
def test_a_statement_has_an_end(address, engine_of, limits):
    engine = engine_of(address, limits._replace(network=30))
    with engine.connect() as connection, pytest.raises(OperationalError, match="statement timeout"):
        connection.execute(text("SELECT pg_sleep(60)"))


@pytest.mark.parametrize("limits", SAID, ids=str)
def test_a_wait_for_a_lock_has_an_end(address, engine_of, limits):
    engine = engine_of(address, limits._replace(statement=30, idle_in_transaction=30, network=30))
    with engine.connect() as first, engine.connect() as second:
        first.execute(text("SELECT pg_advisory_xact_lock(1)"))
        with pytest.raises(OperationalError, match="lock timeout"):
            second.execute(text("SELECT pg_advisory_xact_lock(1)"))


@pytest.mark.parametrize("limits", SAID, ids=str)
def test_a_migration_takes_as_long_as_it_needs(address, engine_of, limits):
    with engine_of(address, limits._replace(statement=0.5, network=0.5)).connect() as connection:
        postgres.prepare_for_migrations(connection.connection.driver_connection)
        assert connection.scalar(text("SELECT 1 FROM pg_sleep(1.5)")) == 1


@pytest.mark.parametrize("limits", SAID, ids=str)
def test_a_migration_waits_for_a_lock_only_for_a_moment(address, engine_of, limits):
    engine = engine_of(address, limits._replace(statement=30, lock=60, idle_in_transaction=30, network=30))
    with engine.connect() as first, engine.connect() as second:
        postgres.prepare_for_migrations(second.connection.driver_connection)
        first.execute(text("SELECT pg_advisory_xact_lock(1)"))
        with pytest.raises(OperationalError, match="lock timeout"):
            second.execute(text("SELECT pg_advisory_xact_lock(1)"))


def test_the_app_sets_all_limits_from_its_settings(app, database):
    if database != "postgres":
        pytest.skip("SQLite has no server")
    from chatapp.extensions import db

    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    assert [db.session.scalar(text(f"SHOW {name}")) for name in names] == ["15s", "10s", "1min"]
    assert db.session.connection().connection.driver_connection.answer_timeout == 25
