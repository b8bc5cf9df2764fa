"""Indexes for several assistants, and for one reply to a question from each."""

import sqlalchemy as sa
from alembic import op

from chatapp.lib.migrations import build_index, remove_index

revision = "20261202b3"
down_revision = "20261202b2"

ASSISTANTS = {"sqlite_where": sa.text("kind = 'assistant'"), "postgresql_where": sa.text("kind = 'assistant'")}
BUILT_IN = {
    "sqlite_where": sa.text("kind = 'assistant' AND added = 0"),
    "postgresql_where": sa.text("kind = 'assistant' AND NOT added"),
}
ASKED = {"sqlite_where": sa.text("question_id IS NOT NULL"), "postgresql_where": sa.text("question_id IS NOT NULL")}


def upgrade() -> None:
    build_index("ix_users_built_in", "users", ["kind"], unique=True, **BUILT_IN)
    build_index("ix_users_assistants", "users", ["id"], **ASSISTANTS)
    build_index("ix_messages_replies", "messages", ["question_id", "author_id"], unique=True, **ASKED)
    remove_index("ix_users_assistant", "users")


def downgrade() -> None:
    op.drop_index("ix_messages_replies", "messages")
    # The previous release knows no other assistant, but it shows who wrote what.
    op.execute("UPDATE users SET kind = 'person', active = false WHERE kind = 'assistant' AND added")
    op.create_index("ix_users_assistant", "users", ["kind"], unique=True, **ASSISTANTS)
    op.drop_index("ix_users_assistants", "users")
    op.drop_index("ix_users_built_in", "users")
