"""Former members who were removed by somebody else, whom the link of an invitation does not let in again.

Nothing tells earlier removals from departures, so these people can still come back by a link that works. Nor do
processes of the previous release say which of the two it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261205a1"
down_revision = "20261204a1"


def upgrade() -> None:
    op.add_column("former_members", sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("former_members", "removed")
