"""What a replica of the database answers, and when it is not asked."""

import pytest
from sqlalchemy import create_engine, event

from chatapp.extensions import db, replica, turbo
from chatapp.models import Membership

from .replicas import Standby

VIEWS = ["/", "/search?q=hello", "/mentions", "/bookmarks", "/chats/{chat}/messages?before=9999"]


@pytest.fixture(scope="session")
def standby(request, database):
    if database != "postgres":
        pytest.skip("needs PostgreSQL")
    request.getfixturevalue("database_url")
    with Standby(request.getfixturevalue("postgres")) as standby:
        yield standby


@pytest.fixture
def asked(app, message, standby, alice, monkeypatch):
    """Statements that the replica got. It is there, has followed, and may take its time to."""
    alice.log_in()  # which writes
    monkeypatch.setattr("chatapp.lib.replica.PAUSES", (0.05,) * 200)
    engine, statements = create_engine(with_driver(standby)), []
    event.listen(engine, "before_cursor_execute", lambda *executed: statements.append(executed[2]))
    monkeypatch.setattr(replica, "engine", engine)
    monkeypatch.setattr(replica, "_rests_until", 0.0)
    replica.figures.clear()
    standby.until_followed("unit")
    yield statements
    engine.dispose()


@pytest.fixture
def impatient(asked, monkeypatch):
    """Nobody waits for a replica that is behind."""
    monkeypatch.setattr("chatapp.lib.replica.PAUSES", ())


def with_driver(server) -> str:
    return server.url("unit").replace("postgresql:", "postgresql+psycopg:")


def has_read(statements: list[str], table: str = "messages") -> bool:
    return any(f"FROM {table}" in statement for statement in statements)


@pytest.mark.parametrize("path", VIEWS)
def test_the_replica_answers_pages_that_only_read(asked, alice, chat, path):
    assert alice.get(path.format(chat=chat.id)).status_code == 200
    assert replica.figures == {"replica": 1}
    assert len(asked) > 1


def test_a_page_shows_from_the_replica_what_it_shows_from_the_primary(asked, alice, chat, monkeypatch):
    alice.get("/")  # what it makes for a first visit
    pages = [alice.get(f"/chats/{chat.id}/messages?before=9999").text for _ in range(2)]
    monkeypatch.setattr(replica, "engine", None)
    assert "Hello" in pages[0]
    assert without_tokens(pages[0]) == without_tokens(alice.get(f"/chats/{chat.id}/messages?before=9999").text)


def without_tokens(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf" not in line and "nonce" not in line]


def test_one_that_is_behind_is_not_asked(asked, impatient, standby, alice, bob, chat):
    with standby.behind("unit"):
        chat.post(bob.user, "Said in between")
        db.session.commit()
        assert "Said in between" in alice.get(f"/chats/{chat.id}/messages?before=9999").text
        assert "Said in between" in turbo.hub.source.catch_up(chat.stream_name, chat.revision - 1).html
        assert replica.figures == {"primary": 2} and not has_read(asked)


def test_somebody_who_is_removed_reads_nothing_while_it_is_behind(asked, impatient, standby, bob, chat):
    with standby.behind("unit"):
        chat.dismiss(db.session.query(Membership).filter_by(chat_id=chat.id, user_id=bob.user.id).one())
        db.session.commit()
        assert bob.get(f"/chats/{chat.id}/messages?before=9999").status_code == 404
        assert "Hello" not in bob.get("/search?q=hello").text


def test_catch_ups_and_lists_of_live_pages_are_read_there(asked, alice, chat):
    source, own = turbo.hub.source, alice.user.stream_name
    assert "Hello" in source.catch_up(chat.stream_name, 1).html
    assert source.listing(own).heads == source.listings([own])[own].heads
    assert replica.figures == {"replica": 3} and has_read(asked) and has_read(asked, "users")


def test_one_that_follows_no_primary_is_not_asked(asked, postgres, alice, chat, monkeypatch, caplog):
    monkeypatch.setattr(replica, "engine", create_engine(with_driver(postgres)))
    for _ in range(2):
        assert "Hello" in alice.get(f"/chats/{chat.id}/messages?before=9999").text
    replica.engine.dispose()
    assert replica.figures == {"primary": 2}
    assert caplog.text.count("it follows no primary") == 1


def test_one_that_fails_in_the_middle_costs_nobody_a_page(asked, alice, chat, caplog):
    event.listen(replica.engine, "before_cursor_execute", fail_at_messages, retval=True)
    for _ in range(2):
        page = alice.get(f"/chats/{chat.id}/messages?before=9999")
        assert page.status_code == 200 and "Hello" in page.text
    assert replica.figures == {"primary": 2}
    assert caplog.text.count("The primary answers for the replica") == 1


def fail_at_messages(connection, cursor, statement, parameters, context, many):
    return (statement.replace("FROM messages", "FROM gone"), parameters)


def test_one_that_is_away_costs_nobody_a_page(asked, standby, alice, chat):
    standby.stop()
    try:
        for _ in range(2):
            assert "Hello" in alice.get(f"/chats/{chat.id}/messages?before=9999").text
    finally:
        standby.start()
    assert replica.figures == {"primary": 2}


def test_what_is_changed_goes_to_the_primary(asked, alice, chat):
    def change():
        chat.post(alice.user, "Written while reading")
        db.session.flush()

    replica.read(change)
    db.session.commit()
    assert not any(statement.startswith(("INSERT", "UPDATE")) for statement in asked)
    assert "Written while reading" in alice.get(f"/chats/{chat.id}/messages?before=9999").text
