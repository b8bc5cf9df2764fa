"""What a reply was made from."""

import sqlalchemy as sa
from alembic import op

revision = "20261202b2"
down_revision = "20261202b1"


def upgrade() -> None:
    message_id = sa.ForeignKey("messages.id", ondelete="CASCADE")
    op.create_table(
        "readings",
        sa.Column("message_id", sa.Integer, message_id, primary_key=True, autoincrement=False),
        sa.Column("first_id", sa.Integer, nullable=False),
        sa.Column("read_count", sa.Integer, nullable=False),
        sa.Column("left_out", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("readings")
