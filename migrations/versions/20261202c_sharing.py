"""Which chats allow people to share answers."""

import sqlalchemy as sa
from alembic import op

revision = "20261202c3"
down_revision = "20261202c2"


def upgrade() -> None:
    op.add_column("chats", sa.Column("sharing", sa.String(20), nullable=False, server_default="off"))


def downgrade() -> None:
    op.drop_column("chats", "sharing")
