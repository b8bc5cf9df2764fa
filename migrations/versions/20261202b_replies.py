"""A question may have several replies, one of each assistant."""

from alembic import op

from chatapp.lib.migrations import without_foreign_keys

revision = "20261202b4"
down_revision = "20261202b3"

#: A part of the table's definition, which SQLite can't take out again.
ONE_REPLY = "CONSTRAINT uq_messages_question_id UNIQUE (question_id)"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("uq_messages_question_id", "messages")
    else:
        # What refers to messages must not notice that the table is another one for a moment.
        without_foreign_keys(copy_messages)


def copy_messages() -> None:
    """As sqlite.org/lang_altertable.html says: make the new table, fill it, and let it take the old one's name."""
    op.execute("DROP INDEX IF EXISTS uq_messages_question_id")  # of a downgrade
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
