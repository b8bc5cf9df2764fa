"""An index of who is blocked: open pages ask once in each heartbeat who is kept apart from their readers."""

from alembic import op

from chatapp.lib.migrations import build_index

revision = "20261201b1"
down_revision = "20261201a4fc"


def upgrade() -> None:
    build_index("ix_blocks_blocked_id", "blocks", ["blocked_id"])


def downgrade() -> None:
    op.drop_index("ix_blocks_blocked_id", "blocks")
