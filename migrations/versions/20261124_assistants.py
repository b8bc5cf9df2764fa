"""One assistant only, and how much of a reply stays when it is begun again.

The previous release still runs while this one starts. It writes messages that keep nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "5d0c3be9a174"
down_revision = "8f2b6c0d51ae"

FIRST = "SELECT min(id) FROM users WHERE kind = 'assistant'"
OTHERS = f"SELECT id FROM users WHERE kind = 'assistant' AND id > ({FIRST})"
ONE = "kind = 'assistant'"


def upgrade() -> None:
    op.execute(f"UPDATE messages SET author_id = ({FIRST}) WHERE author_id IN ({OTHERS})")
    op.execute(f"DELETE FROM users WHERE id IN ({OTHERS})")
    one = sa.text(ONE)
    op.create_index("ix_users_assistant", "users", ["kind"], unique=True, sqlite_where=one, postgresql_where=one)
    op.add_column("messages", sa.Column("kept", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("messages", "kept")
    op.drop_index("ix_users_assistant", "users")
