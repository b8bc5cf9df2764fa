"""Shared answers."""

import sqlalchemy as sa
from alembic import op

revision = "20261202c2"
down_revision = "20261202c1"


def upgrade() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("message_id", sa.Integer, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
        sa.Column("creator_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("message_id", "creator_id"),
    )
    op.create_index("ix_shares_creator_id", "shares", ["creator_id"])


def downgrade() -> None:
    op.drop_table("shares")
