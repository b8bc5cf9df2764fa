from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from chatapp.extensions import db
from chatapp.models import User


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
