from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text

from chatapp.extensions import db
from chatapp.models import Chat, ListedChat, Message, User
from chatapp.models.chat_list import ChatList
from chatapp.models.search_text import is_described


def differences() -> list:
    with db.engine.connect() as connection:
        options = {"compare_type": True, "render_as_batch": True, "include_name": is_described}
        context = MigrationContext.configure(connection, opts=options)
        return compare_metadata(context, db.metadata)


def test_the_migrations_make_what_the_models_describe(app):
    assert differences() == []


def test_an_address_that_was_kept_with_its_domain_as_it_is_written_still_logs_in(app):
    db.session.close()
    downgrade(revision="c41d7e0b92aa")
    try:
        with db.engine.begin() as connection:
            words = "name, email, kind, admin, active, created_at"
            for email in ("dora@straße.example", "ann@example.com", "no address"):
                values = f"'D', '{email}', 'person', false, true, '2026-11-24 00:00:00'"
                connection.execute(text(f"INSERT INTO users ({words}) VALUES ({values})"))
    finally:
        upgrade()
    assert User.with_email("dora@Straße.example").email == "dora@xn--strae-oqa.example"
    assert User.with_email("ann@example.com") and User.with_email("no address")


def test_the_migrations_can_be_taken_back_and_made_again(app):
    db.session.close()
    downgrade(revision="base")
    try:
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    finally:
        upgrade()
    assert differences() == []


def test_of_several_assistants_the_first_keeps_what_all_of_them_wrote(app):
    db.session.close()
    downgrade(revision="8f2b6c0d51ae")
    try:
        with db.engine.begin() as connection:
            for name, kind in (("P", "person"), ("Assistant", "assistant"), ("Assistant", "assistant")):
                values = f"'{name}', '{kind}', false, true, '2026-11-24 00:00:00'"
                connection.execute(text(f"INSERT INTO users (name, kind, admin, active, created_at) VALUES ({values})"))
            ids = connection.execute(text("SELECT id FROM users ORDER BY id")).scalars().all()
            words = "title, kind, assistant, creator_id, revision, header_revision, created_at"
            values = f"'', 'open', 'always', {ids[0]}, 0, 0, '2026-11-24 00:00:00'"
            chat = connection.execute(text(f"INSERT INTO chats ({words}) VALUES ({values}) RETURNING id")).scalar_one()
            words = "chat_id, author_id, content, state, reply_wanted, attempts, created_revision, revision, created_at"
            values = f"{chat}, {ids[2]}, 'Hello', 'complete', false, 1, 1, 1, '2026-11-24 00:00:00'"
            connection.execute(text(f"INSERT INTO messages ({words}) VALUES ({values})"))
    finally:
        upgrade()
    assert db.session.scalars(select(User.id).where(User.kind == "assistant")).all() == [ids[1]]
    assert db.session.scalars(select(Message.author_id)).all() == [ids[1]]


def test_after_an_upgrade_nothing_that_was_written_before_is_unread(app):
    db.session.close()
    downgrade(revision="b3d9a6417c58")
    try:
        with db.engine.begin() as connection:
            connection.execute(text(f"INSERT INTO users (id, {PERSON}) VALUES (1, 'Alice', {NOBODY})"))
            for id, words in ((1, "'Busy', 7"), (2, "'Empty', 2")):
                connection.execute(text(f"INSERT INTO chats ({CHAT}) VALUES ({id}, {words}, {USUAL})"))
                connection.execute(text(f"INSERT INTO memberships (chat_id, user_id, created_at) VALUES ({id}, {NEW})"))
            for id, deleted in ((4, "NULL"), (5, "NULL"), (6, MOMENT)):
                connection.execute(text(f"INSERT INTO messages ({MESSAGE}) VALUES ({id}, {deleted}, {SAID})"))
    finally:
        upgrade()
    marks = db.session.execute(select(ListedChat.chat_id, ListedChat.user_id, ListedChat.read_id)).all()
    assert sorted(map(tuple, marks)) == [(1, 1, 5), (2, 1, 0)]
    assert dict(db.session.execute(select(Chat.id, Chat.head_revision)).all()) == {1: 7, 2: 2}


def test_the_previous_release_writes_people_chats_and_memberships_without_heads_and_marks(app):
    with db.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO users (id, {PERSON}) VALUES (1, 'Alice', {NOBODY})"))
        connection.execute(text(f"INSERT INTO chats ({CHAT}) VALUES (1, 'New', 1, {USUAL})"))
        connection.execute(text(f"INSERT INTO memberships (chat_id, user_id, created_at) VALUES (1, {NEW})"))
    user = db.session.get(User, 1)
    assert [line.head.title for line in ChatList(user).lines] == ["New"]


MOMENT = "'2026-11-24 00:00:00'"
#: What the previous release writes: the columns of each table, and the end of their values.
PERSON, NOBODY = "name, kind, admin, active, created_at", f"'person', false, true, {MOMENT}"
CHAT = "id, title, revision, kind, assistant, creator_id, header_revision, created_at"
USUAL = f"'closed', 'never', 1, 0, {MOMENT}"
NEW = f"1, {MOMENT}"
MESSAGE = (
    "id, deleted_at, chat_id, author_id, content, state, reply_wanted, attempts, created_revision, revision, created_at"
)
SAID = f"1, 1, 'Hello', 'complete', false, 0, 1, 1, {MOMENT}"


def test_a_message_of_the_previous_release_mentions_nobody(app):
    with db.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO users (id, {PERSON}) VALUES (1, 'Alice', {NOBODY})"))
        connection.execute(text(f"INSERT INTO chats ({CHAT}) VALUES (1, 'New', 1, {USUAL})"))
        connection.execute(text(f"INSERT INTO messages ({MESSAGE}) VALUES (1, NULL, {SAID})"))
        connection.execute(text("INSERT INTO listed_chats (user_id, chat_id) VALUES (1, 1)"))
    message = db.session.get(Message, 1)
    assert (message.mentions, message.mentions_all) == ([], False)
    assert db.session.scalars(select(ListedChat.mentioned_id)).all() == [0]
