"""A message can quote another one of its chat."""

import sqlalchemy as sa
from alembic import op

revision = "a41c8e27d9f3"
down_revision = "7c2e91d04b5a"

SHOWN = sa.text("quoted_id IS NOT NULL AND deleted_at IS NULL")


def upgrade() -> None:
    # As text: for SQLite, Alembic would copy the whole table to add a reference.
    op.execute("ALTER TABLE messages ADD COLUMN quoted_id INTEGER REFERENCES messages (id)")
    op.create_index(
        "ix_messages_quoted_id",
        "messages",
        ["quoted_id", "id"],
        sqlite_where=SHOWN,
        postgresql_where=SHOWN,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_quoted_id", "messages")
    op.drop_column("messages", "quoted_id")
