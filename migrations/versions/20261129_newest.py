"""The index of messages that were not deleted gets their authors, so that the list of chats can count what is unread
from the index alone."""

import sqlalchemy as sa

from chatapp.lib.migrations import build_index, remove_index

revision = "1d7ac94e30b8"
down_revision = "f05b8e2d7c61"

SHOWN = {"sqlite_where": sa.text("deleted_at IS NULL"), "postgresql_where": sa.text("deleted_at IS NULL")}


def upgrade() -> None:
    replace("ix_messages_shown", "ix_messages_newest", ["chat_id", "id", "author_id"])


def downgrade() -> None:
    replace("ix_messages_newest", "ix_messages_shown", ["chat_id", "id"])


def replace(old: str, new: str, columns: list[str]) -> None:
    build_index(new, "messages", columns, **SHOWN)
    remove_index(old, "messages")
