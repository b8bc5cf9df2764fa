"""The tools that assistants use while they write, and replies about which people have to decide."""

import sqlalchemy as sa
from alembic import op

revision = "20261203a1"
down_revision = "20261202e1"


def upgrade() -> None:
    op.add_column("messages", sa.Column("first_use_id", sa.Integer))
    op.add_column("messages", sa.Column("asks_until", sa.DateTime(timezone=True)))
    op.create_table(
        "tool_uses",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("message_id", sa.Integer, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("stands_at", sa.Integer, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("icon", sa.String(20), nullable=False),
        sa.Column("arguments", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("message_id", "number", "round", "place"),
        sqlite_autoincrement=True,
    )
    op.add_column("reply_versions", sa.Column("first_use_id", sa.Integer))


def downgrade() -> None:
    op.drop_column("reply_versions", "first_use_id")
    op.drop_column("messages", "asks_until")
    op.drop_column("messages", "first_use_id")
    op.drop_table("tool_uses")
