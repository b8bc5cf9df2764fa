"""Indexes for two queries that read their whole table: is there an administrator, and which sessions have expired?"""

import sqlalchemy as sa
from alembic import op

from chatapp.lib.migrations import build_index

revision = "b3d9a6417c58"
down_revision = "e7a4c29f5d10"


def upgrade() -> None:
    build_index("ix_sessions_last_seen_at", "sessions", ["last_seen_at"])
    administrators = {"sqlite_where": sa.text("admin = 1"), "postgresql_where": sa.text("admin")}
    build_index("ix_users_admin", "users", ["admin"], **administrators)


def downgrade() -> None:
    op.drop_index("ix_users_admin", "users")
    op.drop_index("ix_sessions_last_seen_at", "sessions")
