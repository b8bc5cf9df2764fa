"""What people keep for themselves: bookmarks of messages, favourite chats and muted ones.

The previous release writes listings without naming the new columns, and shows none of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130d2"
down_revision = "20261130d1"


def upgrade() -> None:
    op.create_table(
        "bookmarks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("message_id", sa.Integer, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("user_id", "message_id"),
    )
    op.create_index("ix_bookmarks_message_id", "bookmarks", ["message_id"])
    op.add_column("listed_chats", sa.Column("favourite", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("listed_chats", sa.Column("muted", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("listed_chats", "muted")
    op.drop_column("listed_chats", "favourite")
    op.drop_table("bookmarks")
