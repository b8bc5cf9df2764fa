"""Runs migrations on the app's own engine."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from chatapp.extensions import db
from chatapp.lib.migrations import each_once, run_patiently
from chatapp.lib.postgres import prepare_for_migrations
from chatapp.models.search_text import is_described


def render_item(kind: str, item, autogen_context) -> str | bool:
    """A migration names no types of ours: they may change, and it must not."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run() -> None:
    with db.engine.connect() as connection:
        try:
            if connection.dialect.name == "postgresql":
                prepare_for_migrations(connection.connection.driver_connection)
            configure(connection)
            run_patiently(connection, context.run_migrations)
        finally:
            connection.invalidate()  # closes it: nobody else may have its limits, or lack foreign keys


def configure(connection: Connection) -> None:
    options = {
        "connection": connection,
        "target_metadata": db.metadata,
        "compare_server_default": True,
        "render_item": render_item,
        "include_name": is_described,
        "transaction_per_migration": True,
        **current_app.extensions["migrate"].configure_args,
    }
    context.configure(**options)
    # Again, because only now can one see the steps that the command has chosen.
    context.configure(**options, fn=each_once(context.get_context().opts["fn"]))


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; there is no --sql here.")
run()
