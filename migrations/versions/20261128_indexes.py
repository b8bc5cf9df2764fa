"""Indexes for two queries that read their whole table: is there an administrator, and which sessions have expired?"""

import sqlalchemy as sa
from alembic import op

revision = "b3d9a6417c58"
down_revision = "e7a4c29f5d10"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index("ix_sessions_last_seen_at", "sessions", ["last_seen_at"], postgresql_concurrently=True)
        op.create_index(
            "ix_users_admin",
            "users",
            ["admin"],
            sqlite_where=sa.text("admin = 1"),
            postgresql_where=sa.text("admin"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_users_admin", "users")
    op.drop_index("ix_sessions_last_seen_at", "sessions")
