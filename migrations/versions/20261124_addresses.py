"""E-mail addresses with their domains in ASCII: one form for each address."""

import idna
import sqlalchemy as sa
from alembic import op

revision = "8f2b6c0d51ae"
down_revision = "c41d7e0b92aa"

USERS = sa.table("users", sa.column("id", sa.Integer), sa.column("email", sa.String))


def upgrade() -> None:
    connection = op.get_bind()
    kept = dict(connection.execute(sa.select(USERS.c.email, USERS.c.id).where(USERS.c.email.is_not(None))).all())
    for email, id in kept.copy().items():
        normal = normalized(email)
        if normal not in kept:
            connection.execute(USERS.update().where(USERS.c.id == id).values(email=normal))
            kept[normal] = id


def normalized(email: str) -> str:
    name, _, domain = email.rpartition("@")
    try:
        return f"{name}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return email


def downgrade() -> None:
    """Nothing to take back: both forms address the same mailbox."""
