"""The revision at which each membership began, and former members with the revision at which theirs ended.

The previous release still runs while this one starts. It writes memberships without a revision, and leaves no trace of
those that end. A page that misses such a change shows it after its next load.
"""

import sqlalchemy as sa
from alembic import op

revision = "e7a4c29f5d10"
down_revision = "5d0c3be9a174"


def upgrade() -> None:
    op.add_column("memberships", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "former_members",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chat_id", sa.Integer, sa.ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.UniqueConstraint("chat_id", "user_id"),
    )
    op.create_index(op.f("ix_former_members_user_id"), "former_members", ["user_id"])


def downgrade() -> None:
    op.drop_table("former_members")
    op.drop_column("memberships", "revision")
