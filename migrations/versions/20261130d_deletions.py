"""The moment at which a chat was deleted, and an index by which its messages can go.

The previous release shows a deleted chat as an archived one until its members are gone, which takes seconds.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130d4"
down_revision = "20261130d3"

QUOTING = sa.text("quoted_id IS NOT NULL")
DELETED = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("chats", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.create_index("ix_chats_deleted", "chats", ["id"], sqlite_where=DELETED, postgresql_where=DELETED)
    # For each message that goes, the database looks for others that quote it, deleted ones too.
    op.create_index(
        "ix_messages_quoting",
        "messages",
        ["quoted_id"],
        sqlite_where=QUOTING,
        postgresql_where=QUOTING,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_quoting", "messages")
    op.drop_index("ix_chats_deleted", "chats")
    op.drop_column("chats", "deleted_at")
