"""Direct chats, blocks, invitations, who may sign up, and what a person's card shows.

The previous release still runs while this one starts. To it a direct chat is a closed one with the names as its title.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130e1"
down_revision = "20261130d4"


def upgrade() -> None:
    op.add_column("users", sa.Column("about", sa.String(140), nullable=False, server_default=""))
    op.add_column("users", sa.Column("time_zone", sa.String(64), nullable=False, server_default=""))
    op.add_column("users", sa.Column("presence", sa.String(10), nullable=False, server_default="shown"))
    op.add_column("chats", sa.Column("direct_key", sa.String(120)))
    op.create_table(
        "blocks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("blocker_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("blocked_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("blocker_id", "blocked_id"),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("creator_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("chat_id", sa.Integer, sa.ForeignKey("chats.id", ondelete="SET NULL")),
        sa.Column("uses_limit", sa.Integer, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False, server_default="0"),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_invitations_creator_id", "invitations", ["creator_id"])
    op.create_table(
        "admissions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("signup", sa.String(20), nullable=False),
        sa.Column("domains", sa.String(1000), nullable=False),
        sa.Column("inviters", sa.String(20), nullable=False),
    )
    op.create_index("ix_chats_direct_key", "chats", ["direct_key"], unique=True)


def downgrade() -> None:
    op.drop_table("admissions")
    op.drop_table("invitations")
    op.drop_table("blocks")
    op.drop_index("ix_chats_direct_key", "chats")
    op.drop_column("chats", "direct_key")
    op.drop_column("users", "presence")
    op.drop_column("users", "time_zone")
    op.drop_column("users", "about")
