from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text

from chatapp.extensions import db
from chatapp.models import Message, User


def differences() -> list:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
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
