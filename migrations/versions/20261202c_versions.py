"""Versions of replies, and what a model thought before it answered."""

import sqlalchemy as sa
from alembic import op

revision = "20261202c1"
down_revision = "20261202b4"


def upgrade() -> None:
    op.add_column("messages", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.add_column("messages", sa.Column("versions", sa.Integer, nullable=False, server_default="1"))
    op.add_column("messages", sa.Column("begun_at", sa.DateTime(timezone=True)))
    op.add_column("messages", sa.Column("thought_for", sa.Integer))
    op.create_table(
        "reply_versions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("message_id", sa.Integer, sa.ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("failure", sa.String(300)),
        sa.Column("thought_for", sa.Integer),
        sa.Column("begun_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("message_id", "number"),
    )
    op.create_table(
        "reasonings",
        sa.Column(
            "message_id",
            sa.Integer,
            sa.ForeignKey("messages.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for column in ("thought_for", "begun_at", "versions", "version"):
        op.drop_column("messages", column)
    op.drop_table("reasonings")
    op.drop_table("reply_versions")
