"""The list of chats is live: revisions of heads and of people's lists, and how far each person has read.

The previous release still runs while this one starts. Chats, people and memberships that it makes have no head, no
revision of the list and no mark. Such a chat is listed all the same, as unread.

Whoever is a member now has read everything so far. An upgrade that shows years of messages as unread would help nobody.
"""

import sqlalchemy as sa
from alembic import op

revision = "f05b8e2d7c61"
down_revision = "b3d9a6417c58"

MARKS = """
INSERT INTO listed_chats (user_id, chat_id, read_id)
SELECT user_id, chat_id, COALESCE((SELECT max(id) FROM messages
  WHERE messages.chat_id = memberships.chat_id AND deleted_at IS NULL), 0)
FROM memberships
"""


def upgrade() -> None:
    op.add_column("users", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.add_column("chats", sa.Column("head_revision", sa.Integer, nullable=False, server_default="0"))
    op.add_column("chats", sa.Column("head_digest", sa.String(64), nullable=False, server_default=""))
    op.add_column("chats", sa.Column("head_changed_at", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index(op.f("ix_chats_head_changed_at"), "chats", ["head_changed_at"])
    op.create_table(
        "listed_chats",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("chat_id", sa.Integer, sa.ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
        sa.Column("read_id", sa.Integer, nullable=False, server_default="0"),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.Column("listed_revision", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("user_id", "chat_id"),
    )
    op.execute("UPDATE chats SET head_revision = revision")
    op.execute(MARKS)


def downgrade() -> None:
    op.drop_table("listed_chats")
    op.drop_index(op.f("ix_chats_head_changed_at"), "chats")
    op.drop_column("chats", "head_changed_at")
    op.drop_column("chats", "head_digest")
    op.drop_column("chats", "head_revision")
    op.drop_column("users", "revision")
