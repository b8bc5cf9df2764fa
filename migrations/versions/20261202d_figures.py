"""Figures, prices and budgets, and summaries for people who were away."""

import sqlalchemy as sa
from alembic import op

revision = "20261202d2"
down_revision = "20261202d1"

RUNNING = sa.text("state IN ('waiting', 'writing')")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_figures()
    create_decisions()
    create_summaries()


def create_figures() -> None:
    op.create_table(
        "figures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("message_id", sa.Integer, sa.ForeignKey("messages.id", ondelete="SET NULL")),
        sa.Column("chat_id", sa.Integer, sa.ForeignKey("chats.id", ondelete="SET NULL")),
        sa.Column("asker_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("tokens_in", sa.Integer, nullable=False),
        sa.Column("tokens_out", sa.Integer, nullable=False),
        sa.Column("estimated", sa.Boolean, nullable=False),
        sa.Column("first_ms", sa.Integer),
        sa.Column("took_ms", sa.Integer),
        sa.Column("cost", sa.BigInteger),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_figures_message_id", "figures", ["message_id"])
    op.create_index("ix_figures_chat_id_day", "figures", ["chat_id", "day"])
    op.create_index("ix_figures_asker_id_day", "figures", ["asker_id", "day"])
    op.create_index("ix_figures_day", "figures", ["day", "tokens_in", "tokens_out", "cost"])


def create_decisions() -> None:
    op.create_table(
        "prices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("model", sa.String(200), nullable=False, unique=True),
        sa.Column("tokens_in", sa.BigInteger, nullable=False),
        sa.Column("tokens_out", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "budgets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("currency", sa.String(8), nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("person_day", sa.BigInteger),
        sa.Column("place_day", sa.BigInteger),
        sa.Column("place_month", sa.BigInteger),
    )


def create_summaries() -> None:
    op.create_table(
        "summaries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("chat_id", sa.Integer, sa.ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("failure", sa.String(300)),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("after_id", sa.Integer, nullable=False),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("read_count", sa.Integer, nullable=False),
        sa.Column("left_out", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.UniqueConstraint("user_id", "chat_id"),
    )
    op.create_index("ix_summaries_chat_id", "summaries", ["chat_id"])
    op.create_index(
        "ix_summaries_running",
        "summaries",
        ["asked_at", "user_id"],
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )


def downgrade() -> None:
    for table in ("summaries", "budgets", "prices", "figures"):
        op.drop_table(table)
