"""The words of messages, and an index over them.

It makes empty tables. The worker then fills them, the newest messages first, and so it finds what processes of the
previous release write meanwhile. To fill them at once: flask --app wsgi search fill
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130b5ea"
down_revision = "20261130c1a7"

UNSEARCHED = sa.text("searched_revision <> revision")
#: Splits words at spaces only: the app splits and folds the texts.
ADD = "INSERT INTO search_index (rowid, text) VALUES (new.message_id, new.text);"
REMOVE = "INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', old.message_id, old.text);"
SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(text, content='search_texts', content_rowid='message_id',"
    " detail=none, columnsize=0, prefix='3', tokenize=\"ascii tokenchars '.-_''@+#^'\")",
    f"CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN {ADD} END",
    f"CREATE TRIGGER search_texts_removed AFTER DELETE ON search_texts BEGIN {REMOVE} END",
    f"CREATE TRIGGER search_texts_changed AFTER UPDATE ON search_texts BEGIN {REMOVE} {ADD} END",
)
POSTGRESQL = (
    # Each word with the label of its chat before it, the first word of the text. No list of pending words, which every
    # search would have to read.
    "CREATE INDEX ix_search_texts_words ON search_texts USING gin (array_to_tsvector(string_to_array("
    "replace(text, ' ', ' ' || split_part(text, ' ', 1) || ':'), ' '))) WITH (fastupdate = off)",
)


def upgrade() -> None:
    message_id = sa.ForeignKey("messages.id", ondelete="CASCADE")
    op.create_table(
        "search_texts",
        sa.Column("message_id", sa.Integer, message_id, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    op.add_column("messages", sa.Column("searched_revision", sa.Integer, nullable=False, server_default="0"))
    op.create_index(
        "ix_messages_unsearched",
        "messages",
        ["id"],
        sqlite_where=UNSEARCHED,
        postgresql_where=UNSEARCHED,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_unsearched", "messages")
    op.drop_column("messages", "searched_revision")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search_texts")
