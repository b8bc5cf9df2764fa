"""Who asked for a reply."""

from alembic import op

revision = "20261202d1"
down_revision = "20261202c3"


def upgrade() -> None:
    # As text: for SQLite, Alembic would copy the whole table to add a reference.
    op.execute("ALTER TABLE messages ADD COLUMN asker_id INTEGER REFERENCES users (id)")


def downgrade() -> None:
    op.drop_column("messages", "asker_id")
