"""Whether an assistant sees pictures, and how many files and pictures a reply was made from."""

import sqlalchemy as sa
from alembic import op

revision = "20261202e1"
down_revision = "20261202d2"


def upgrade() -> None:
    op.add_column("assistants", sa.Column("sees_pictures", sa.Boolean))
    for name in ("files", "pictures"):
        op.add_column("readings", sa.Column(name, sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    for name in ("pictures", "files"):
        op.drop_column("readings", name)
    op.drop_column("assistants", "sees_pictures")
