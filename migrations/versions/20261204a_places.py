"""The place: the name and the picture of the installation."""

import sqlalchemy as sa
from alembic import op

revision = "20261204a1"
down_revision = "20261203b1"


def upgrade() -> None:
    op.create_table(
        "places",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("picture_key", sa.String(32)),
    )


def downgrade() -> None:
    op.drop_table("places")
