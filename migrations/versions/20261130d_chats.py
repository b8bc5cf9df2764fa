"""Chats: a description, who may write, and an offer to the managers.

The previous release knows none of it. It lets everybody write, and shows no description.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130d3"
down_revision = "20261130d2"


def upgrade() -> None:
    op.add_column("chats", sa.Column("description", sa.String(300), nullable=False, server_default=""))
    op.add_column("chats", sa.Column("writers", sa.String(20), nullable=False, server_default="everyone"))
    op.add_column("chats", sa.Column("offer", sa.String(20), nullable=False, server_default="none"))


def downgrade() -> None:
    op.drop_column("chats", "offer")
    op.drop_column("chats", "writers")
    op.drop_column("chats", "description")
