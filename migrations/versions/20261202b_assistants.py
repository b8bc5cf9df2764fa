"""Several assistants, one reply to a question from each, and what a reply was made from.

The previous release knows one assistant, the one that nobody has added. It goes on with that one.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261202b1"
down_revision = "20261202a1"

ASSISTANTS = sa.text("kind = 'assistant'")
BUILT_IN = sa.text("kind = 'assistant' AND added = 0"), sa.text("kind = 'assistant' AND NOT added")
ASKED = sa.text("question_id IS NOT NULL")
#: A part of the table's definition, which SQLite can't take out again.
ONE_REPLY = "CONSTRAINT uq_messages_question_id UNIQUE (question_id)"


def upgrade() -> None:
    op.add_column("users", sa.Column("added", sa.Boolean, nullable=False, server_default=sa.false()))
    create_assistants()
    create_readings()
    with op.get_context().autocommit_block():
        create_index("ix_users_built_in", "users", ["kind"], *BUILT_IN, unique=True)
        create_index("ix_users_assistants", "users", ["id"], ASSISTANTS, ASSISTANTS)
        create_index("ix_messages_replies", "messages", ["question_id", "author_id"], ASKED, ASKED, unique=True)
    op.drop_index("ix_users_assistant", "users")
    allow_several_replies()


def create_index(name: str, table: str, columns: list[str], sqlite, postgresql, unique: bool = False) -> None:
    where = {"sqlite_where": sqlite, "postgresql_where": postgresql}
    op.create_index(name, table, columns, unique=unique, postgresql_concurrently=True, **where)


def create_assistants() -> None:
    user_id = sa.ForeignKey("users.id", ondelete="CASCADE")
    op.create_table(
        "assistants",
        sa.Column("user_id", sa.Integer, user_id, primary_key=True, autoincrement=False),
        sa.Column("base_url", sa.String(500), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("instructions", sa.Text, nullable=False),
        sa.Column("context_tokens", sa.Integer),
        sa.Column("told_tokens", sa.Integer),
        sa.Column("reply_tokens", sa.Integer, nullable=False),
        sa.Column("sealed_key", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def create_readings() -> None:
    message_id = sa.ForeignKey("messages.id", ondelete="CASCADE")
    op.create_table(
        "readings",
        sa.Column("message_id", sa.Integer, message_id, primary_key=True, autoincrement=False),
        sa.Column("first_id", sa.Integer, nullable=False),
        sa.Column("read_count", sa.Integer, nullable=False),
        sa.Column("left_out", sa.Integer, nullable=False),
    )


def allow_several_replies() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("uq_messages_question_id", "messages")
        return
    op.execute("DROP INDEX IF EXISTS uq_messages_question_id")  # of a downgrade
    # What refers to messages must not notice that the table is another one for a moment.
    with op.get_context().autocommit_block():
        op.execute("PRAGMA foreign_keys = OFF")
    copy_messages()
    with op.get_context().autocommit_block():
        op.execute("PRAGMA foreign_keys = ON")


def copy_messages() -> None:
    """As sqlite.org/lang_altertable.html says: make the new table, fill it, and let it take the old one's name."""
    run = op.get_bind().exec_driver_sql
    definition = run("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'messages'").scalar_one()
    if ONE_REPLY not in definition:
        return
    others = run("SELECT sql FROM sqlite_master WHERE tbl_name = 'messages' AND type <> 'table' AND sql IS NOT NULL")
    others = others.scalars().all()
    before, _, after = definition.partition(ONE_REPLY)
    definition = (before.rstrip().removesuffix(",") + after).replace("messages", "copied_messages", 1)
    run(definition)
    run("INSERT INTO copied_messages SELECT * FROM messages")
    # The largest id that was ever given, also of a message that is gone.
    sequence = "(SELECT seq FROM sqlite_sequence WHERE name = 'messages')"
    run(f"UPDATE sqlite_sequence SET seq = {sequence} WHERE name = 'copied_messages' AND {sequence} IS NOT NULL")
    run("DROP TABLE messages")
    run("ALTER TABLE copied_messages RENAME TO messages")
    for statement in others:
        run(statement)


def downgrade() -> None:
    # The first reply stays one, and the others stay as messages.
    first = "SELECT min(id) FROM messages WHERE question_id IS NOT NULL GROUP BY question_id"
    op.execute(f"UPDATE messages SET question_id = NULL WHERE question_id IS NOT NULL AND id NOT IN ({first})")
    if op.get_bind().dialect.name == "postgresql":
        op.create_unique_constraint("uq_messages_question_id", "messages", ["question_id"])
    else:
        op.create_index("uq_messages_question_id", "messages", ["question_id"], unique=True)
    op.drop_index("ix_messages_replies", "messages")
    op.drop_table("readings")
    op.drop_table("assistants")
    # The previous release knows no other assistant, but it shows who wrote what.
    op.execute("UPDATE users SET kind = 'person', active = false WHERE kind = 'assistant' AND added")
    where = {"sqlite_where": ASSISTANTS, "postgresql_where": ASSISTANTS}
    op.create_index("ix_users_assistant", "users", ["kind"], unique=True, **where)
    op.drop_index("ix_users_assistants", "users")
    op.drop_index("ix_users_built_in", "users")
    op.drop_column("users", "added")
