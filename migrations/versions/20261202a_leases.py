"""Replies: when each was asked for, until when its job counts as alive, and whether it waits for its turn."""

import sqlalchemy as sa
from alembic import op

revision = "20261202a1"
down_revision = "20261201b1"


def upgrade() -> None:
    op.add_column("messages", sa.Column("asked_at", sa.DateTime(timezone=True)))
    op.add_column("messages", sa.Column("leased_until", sa.DateTime(timezone=True)))
    op.add_column("messages", sa.Column("claimed_length", sa.Integer(), server_default="0", nullable=False))
    op.add_column("messages", sa.Column("waits", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("messages", "waits")
    op.drop_column("messages", "claimed_length")
    op.drop_column("messages", "leased_until")
    op.drop_column("messages", "asked_at")
