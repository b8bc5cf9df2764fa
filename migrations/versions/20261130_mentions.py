"""Mentions, and how far each person has looked at what mentions him.

The previous release still runs while this one starts. Messages that it writes mention nobody until somebody edits them,
and those that it deletes keep their mentions, which nothing shows.
"""

import sqlalchemy as sa
from alembic import op

revision = "6c2fb90a47d3"
down_revision = "a6c05e917b3d"

ALL = {"sqlite_where": sa.text("mentions_all = 1"), "postgresql_where": sa.text("mentions_all")}


def upgrade() -> None:
    op.create_table(
        "mentions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("message_id", sa.Integer, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("message_id", "user_id"),
    )
    op.create_index("ix_mentions_user_id_message_id", "mentions", ["user_id", "message_id"])
    op.create_table(
        "mention_marks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seen_id", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("user_id"),
    )
    op.add_column("listed_chats", sa.Column("mentioned_id", sa.Integer, nullable=False, server_default="0"))
    op.add_column("messages", sa.Column("mentions_all", sa.Boolean, nullable=False, server_default=sa.false()))
    index = ("ix_messages_mentions_all", "messages", ["chat_id", "id"])
    op.create_index(*index, **ALL)


def downgrade() -> None:
    op.drop_index("ix_messages_mentions_all", "messages")
    op.drop_column("messages", "mentions_all")
    op.drop_column("listed_chats", "mentioned_id")
    op.drop_table("mention_marks")
    op.drop_table("mentions")
