"""A mark for managers of a chat, and the archive.

The previous release still runs while this one starts. It writes memberships without marks and chats without an archive.
"""

import sqlalchemy as sa
from alembic import op

revision = "c41d7e0b92aa"
down_revision = "6394ba4b1d7f"

CREATORS = """
UPDATE memberships SET manager = true
WHERE user_id = (SELECT creator_id FROM chats WHERE chats.id = memberships.chat_id)
"""


def upgrade() -> None:
    op.add_column("memberships", sa.Column("manager", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("chats", sa.Column("archived_at", sa.DateTime(timezone=True)))
    op.execute(CREATORS)


def downgrade() -> None:
    op.drop_column("chats", "archived_at")
    op.drop_column("memberships", "manager")
