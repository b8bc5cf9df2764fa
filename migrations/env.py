"""Runs migrations on the app's own engine."""

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

from chatapp.extensions import db
from chatapp.lib.postgres import without_limits
from chatapp.models.search_text import is_described


def render_item(kind: str, item, autogen_context) -> str | bool:
    """A migration names no types of ours: they may change, and it must not."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run() -> None:
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            without_limits(connection.connection.driver_connection)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            compare_server_default=True,
            render_item=render_item,
            include_name=is_described,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.invalidate()  # closes it: nobody else may go without limits


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; there is no --sql here.")
run()
