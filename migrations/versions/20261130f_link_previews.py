"""Previews of linked pages, and which chats have them."""

import sqlalchemy as sa
from alembic import op

revision = "20261130f1a2"
down_revision = "20261130b5ea"

UNDER_WAY = sa.text("state IN ('waiting', 'fetching', 'fetched')")
SHOWN = sa.text("link_preview_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "link_previews",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("url", sa.String(1000), nullable=False, unique=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True)),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.String(300), nullable=False),
        sa.Column("site", sa.String(253), nullable=False),
    )
    op.create_index("ix_link_previews_asked_at", "link_previews", ["asked_at"])
    op.create_index(
        "ix_link_previews_under_way",
        "link_previews",
        ["asked_at"],
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.add_column("chats", sa.Column("link_previews", sa.String(20), nullable=False, server_default="open"))
    op.add_column("messages", sa.Column("link_preview_id", sa.Integer))
    op.create_index(
        "ix_messages_link_preview_id",
        "messages",
        ["link_preview_id", "id"],
        sqlite_where=SHOWN,
        postgresql_where=SHOWN,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_link_preview_id", "messages")
    op.drop_column("messages", "link_preview_id")
    op.drop_column("chats", "link_previews")
    op.drop_table("link_previews")
