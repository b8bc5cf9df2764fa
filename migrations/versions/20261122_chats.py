"""People, their sessions, chats, memberships and messages."""

import sqlalchemy as sa
from alembic import op

revision = "6394ba4b1d7f"
down_revision = None

UTC_DATE_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_users()
    create_sessions()
    create_chats()
    create_memberships()
    create_messages()


def create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("email", sa.String(254), unique=True),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("admin", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
    )


def create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("token_digest", sa.String(64), nullable=False, unique=True),
        sa.Column("user_agent", sa.String(300), nullable=False),
        sa.Column("ip_address", sa.String(45), nullable=False),
        sa.Column("last_seen_at", UTC_DATE_TIME, nullable=False),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sqlite_autoincrement=True,
    )


def create_chats() -> None:
    op.create_table(
        "chats",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("assistant", sa.String(20), nullable=False),
        sa.Column("creator_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("header_revision", sa.Integer, nullable=False),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
    )


def create_memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chat_id", sa.Integer, sa.ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sa.UniqueConstraint("chat_id", "user_id"),
    )


def create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("chat_id", sa.Integer, sa.ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("client_id", sa.String(64)),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created_at", UTC_DATE_TIME, nullable=False),
        sa.Column("edited_at", UTC_DATE_TIME),
        sa.Column("deleted_at", UTC_DATE_TIME),
        sa.Column("created_revision", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("failure", sa.String(300)),
        sa.Column("question_id", sa.Integer, sa.ForeignKey("messages.id"), unique=True),
        sa.Column("reply_wanted", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_at", UTC_DATE_TIME),
        sa.UniqueConstraint("author_id", "client_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_chat_id_revision", "messages", ["chat_id", "revision"])
    create_partial_index("ix_messages_shown", ["chat_id", "id"], "deleted_at IS NULL")
    create_partial_index("ix_messages_reply_wanted", ["id"], "reply_wanted")
    create_partial_index("ix_messages_generating", ["id"], "state = 'generating'")


def create_partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "messages", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for table in ("messages", "memberships", "chats", "sessions", "users"):
        op.drop_table(table)
