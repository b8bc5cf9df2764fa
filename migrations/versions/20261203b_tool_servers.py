"""Tools of assistants: which ones each may use, servers that offer more, and whether a chat is asked first."""

import sqlalchemy as sa
from alembic import op

revision = "20261203b1"
down_revision = "20261203a1"


def upgrade() -> None:
    op.add_column("chats", sa.Column("tools", sa.String(20), nullable=False, server_default="ask"))
    op.add_column("assistants", sa.Column("tools", sa.String(100), nullable=False, server_default=""))
    op.create_table(
        "tool_servers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("slug", sa.String(30), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("sealed_key", sa.Text),
        sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("protocol", sa.String(20), nullable=False, server_default=""),
        sa.Column("listed_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("slug"),
        sqlite_autoincrement=True,
    )
    create_offered_tools()
    op.create_table(
        "assistants_servers",
        sa.Column(
            "assistant_id", sa.Integer, sa.ForeignKey("assistants.user_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("server_id", sa.Integer, sa.ForeignKey("tool_servers.id", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("ix_assistants_servers_server_id", "assistants_servers", ["server_id"])


def create_offered_tools() -> None:
    op.create_table(
        "offered_tools",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("server_id", sa.Integer, sa.ForeignKey("tool_servers.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("schema", sa.Text, nullable=False),
        sa.Column("allowed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("server_id", "name"),
    )


def downgrade() -> None:
    for table in ("assistants_servers", "offered_tools", "tool_servers"):
        op.drop_table(table)
    op.drop_column("assistants", "tools")
    op.drop_column("chats", "tools")
