"""How people want their pages: light or dark, and with which clock."""

import sqlalchemy as sa
from alembic import op

revision = "7c2e91d04b5a"
down_revision = "1d7ac94e30b8"


def upgrade() -> None:
    for name in ("theme", "clock"):
        op.add_column("users", sa.Column(name, sa.String(10), nullable=False, server_default="system"))


def downgrade() -> None:
    for name in ("clock", "theme"):
        op.drop_column("users", name)
