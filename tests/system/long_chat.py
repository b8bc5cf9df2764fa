"""A chat with more messages than anybody would write for a test."""

import sqlite3


def multiply(database: str, chat: int, count: int) -> None:
    """Copies the messages of ``chat``, in the SQLite file ``database``, until there are ``count`` of them. Each copy
    says what its original says, with its own number behind it."""
    with sqlite3.connect(database) as connection:
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM messages WHERE chat_id = ? ORDER BY id", [chat])]
        last, revision = rows[-1]["id"], rows[-1]["revision"]
        for n in range(1, count - len(rows) + 1):
            row = rows[n % len(rows)] | {"id": last + n, "client_id": f"copy-{chat}-{n}"}
            row |= {"content": f"{row['content']} {n}", "revision": revision + n, "created_revision": revision + n}
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO messages ({', '.join(row)}) VALUES ({marks})", list(row.values()))
        connection.execute("UPDATE chats SET revision = ? WHERE id = ?", [revision + count - len(rows), chat])
