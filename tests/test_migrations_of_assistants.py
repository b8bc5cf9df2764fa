"""The migration that gives a question several replies. For SQLite it copies all messages into another table."""

from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from chatapp.extensions import db
from tests.test_migrations import CHAT, MESSAGE, NOBODY, PERSON, USUAL, differences

BEFORE = "20261201b1"
SAID = "1, 1, 'Hello', 'complete', false, 0, 1, 1, '2026-11-24 00:00:00'"


def fill(connection) -> None:
    connection.execute(text(f"INSERT INTO users (id, {PERSON}) VALUES (1, 'Alice', {NOBODY})"))
    connection.execute(text(f"INSERT INTO chats ({CHAT}) VALUES (1, 'New', 1, {USUAL})"))
    for id in (4, 5, 9):
        connection.execute(text(f"INSERT INTO messages ({MESSAGE}) VALUES ({id}, NULL, {SAID})"))
    connection.execute(text("UPDATE messages SET question_id = 4, quoted_id = 4 WHERE id = 5"))
    reaction = "message_id, user_id, emoji, created_at) VALUES (5, 1, '👍', '2026-11-24 00:00:00'"
    connection.execute(text(f"INSERT INTO reactions ({reaction})"))
    connection.execute(text("DELETE FROM messages WHERE id = 9"))


def test_all_messages_stay_with_what_refers_to_them_and_no_id_is_given_twice(app, database):
    db.session.close()
    downgrade(revision=BEFORE)
    try:
        with db.engine.begin() as connection:
            fill(connection)
    finally:
        upgrade()
    assert differences() == [] and "copied_messages" not in inspect(db.engine).get_table_names()
    with db.engine.begin() as connection:
        rows = connection.execute(text("SELECT id, question_id, quoted_id, content FROM messages ORDER BY id")).all()
        assert rows == [(4, None, None, "Hello"), (5, 4, 4, "Hello")]
        assert connection.execute(text("SELECT message_id FROM reactions")).scalars().all() == [5]
        if database == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            highest = "SELECT seq FROM sqlite_sequence WHERE name = 'messages'"
            assert connection.exec_driver_sql(highest).scalar_one() >= 9  # tests before this one have had more
        connection.execute(text("DELETE FROM messages WHERE id = 5"))
        assert connection.execute(text("SELECT message_id FROM reactions")).all() == []


def test_a_downgrade_leaves_one_reply_and_makes_the_added_assistants_closed_accounts(app):
    values = "'assistant', false, true, '2026-11-24 00:00:00'"
    with db.engine.begin() as connection:
        fill(connection)
        for id, name, added in ((2, "Assistant", "false"), (3, "Coder", "true")):
            columns = "id, name, kind, admin, active, created_at, added"
            connection.execute(text(f"INSERT INTO users ({columns}) VALUES ({id}, '{name}', {values}, {added})"))
        connection.execute(text(f"INSERT INTO messages ({MESSAGE}) VALUES (6, NULL, {SAID})"))
        connection.execute(text("UPDATE messages SET question_id = 4, author_id = 3 WHERE id = 6"))
    db.session.close()
    downgrade(revision=BEFORE)
    try:
        with db.engine.begin() as connection:
            assert connection.execute(text("SELECT id, question_id FROM messages ORDER BY id")).all() == [
                (4, None),
                (5, 4),
                (6, None),
            ]
            kinds = connection.execute(text("SELECT id, kind, active FROM users ORDER BY id")).all()
            assert [(id, kind, bool(active)) for id, kind, active in kinds] == [
                (1, "person", True),
                (2, "assistant", True),
                (3, "person", False),
            ]
    finally:
        upgrade()
    assert differences() == []
