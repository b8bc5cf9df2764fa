"""Several assistants: what distinguishes those that somebody has added.

The previous release knows one assistant, the one that nobody has added. It goes on with that one.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261202b1"
down_revision = "20261202a1"


def upgrade() -> None:
    op.add_column("users", sa.Column("added", sa.Boolean, nullable=False, server_default=sa.false()))
    user_id = sa.ForeignKey("users.id", ondelete="CASCADE")
    op.create_table(
        "assistants",
        sa.Column("user_id", sa.Integer, user_id, primary_key=True, autoincrement=False),
        sa.Column("base_url", sa.String(500), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("instructions", sa.Text, nullable=False),
        sa.Column("context_tokens", sa.Integer),
        sa.Column("told_tokens", sa.Integer),
        sa.Column("reply_tokens", sa.Integer, nullable=False),
        sa.Column("sealed_key", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("assistants")
    op.drop_column("users", "added")
