"""Pinned messages: when a message was pinned, and by whom."""

import sqlalchemy as sa
from alembic import op

revision = "20261130d1"
down_revision = "6c2fb90a47d3"

PINNED = sa.text("pinned_at IS NOT NULL AND deleted_at IS NULL")


def upgrade() -> None:
    op.add_column("messages", sa.Column("pinned_at", sa.DateTime(timezone=True)))
    # As text: for SQLite, Alembic would copy the whole table to add a reference.
    op.execute("ALTER TABLE messages ADD COLUMN pinned_by_id INTEGER REFERENCES users (id)")
    op.create_index(
        "ix_messages_pinned",
        "messages",
        ["chat_id", "pinned_at"],
        sqlite_where=PINNED,
        postgresql_where=PINNED,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_pinned", "messages")
    op.drop_column("messages", "pinned_by_id")
    op.drop_column("messages", "pinned_at")
