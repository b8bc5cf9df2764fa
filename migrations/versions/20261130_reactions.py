"""Reactions to messages."""

import sqlalchemy as sa
from alembic import op

revision = "a6c05e917b3d"
down_revision = "a41c8e27d9f3"


def upgrade() -> None:
    op.create_table(
        "reactions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("message_id", sa.Integer, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("emoji", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("message_id", "user_id", "emoji"),
    )


def downgrade() -> None:
    op.drop_table("reactions")
