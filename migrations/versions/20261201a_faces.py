"""People's pictures, and which chats were told of a new name or picture."""

import sqlalchemy as sa
from alembic import op

revision = "20261201a4fc"
down_revision = "20261130f1a2"

UNTOLD = sa.text("told_look <> look")


def upgrade() -> None:
    op.add_column("users", sa.Column("look", sa.Integer, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("told_look", sa.Integer, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("portrait_key", sa.String(32)))
    op.create_index("ix_users_untold_look", "users", ["id"], sqlite_where=UNTOLD, postgresql_where=UNTOLD)
    op.create_table(
        "faces",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chat_id", sa.Integer, sa.ForeignKey("chats.id", ondelete="CASCADE")),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("look", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.UniqueConstraint("chat_id", "user_id"),
    )
    op.create_index("ix_faces_user_id", "faces", ["user_id"])
    op.create_index("ix_faces_chat_id_revision", "faces", ["chat_id", "revision"])


def downgrade() -> None:
    op.drop_table("faces")
    op.drop_index("ix_users_untold_look", "users")
    op.drop_column("users", "portrait_key")
    op.drop_column("users", "told_look")
    op.drop_column("users", "look")
