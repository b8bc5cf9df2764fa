"""What messages and pages cost, in CPU of the server that answers, and how soon a message is elsewhere."""

import sqlite3
import time
from collections import defaultdict

from bench.load.readers import mark

from .deliveries import Connected
from .run import Run, tell

WARM_UP, TIMES = 60, 40
APART = 0.2  # seconds between two messages. A stream that changes faster sends changes together (decision 0073)
TEXT = "Shall we meet at **ten**? The list of those who come is on the door, and `make all` works again."
SHOWN, FEW, MANY = 50, 100, 1_000_000  # messages
ALL = 2**31 - 1  # marks every message as read


def cpu_ms(server, call, times: int = TIMES) -> float:
    """Milliseconds of the server's CPU for each call."""
    before = server.cpu()
    for _ in range(times):
        call()
    return 1000 * (server.cpu() - before) / times


def in_turn(run: Run, pairs: dict) -> dict[str, list[float]]:
    """``pairs`` are a server and a call for each label. They take turns, after some that do not count."""
    found = defaultdict(list)
    for server, call in pairs.values():
        cpu_ms(server, call, WARM_UP)
    for _ in range(run.rounds):
        for label, (server, call) in pairs.items():
            found[label].append(cpu_ms(server, call))
    return found


def posts(run: Run) -> dict:
    """``cpu`` in milliseconds of a message that is posted: saved, rendered and told."""
    servers = run.servers({"action_cable"})
    return {"cpu": in_turn(run, {one.label: (one, lambda one=one: one.post(TEXT)) for one in servers})}


def reach(run: Run) -> dict:
    """``p50`` and ``p99`` in milliseconds from the POST of a message to its fragment, over all who watch."""
    found = {"p50": {"Plainwire": []}, "p99": {"Plainwire": []}}
    server = run.ours()
    with Connected(server, run.readers) as read:
        for _ in range(WARM_UP):
            server.post(TEXT)
        for number in range(run.rounds):
            tell(f"  round {number + 1} of {run.rounds}, {run.readers} watch")
            read.expect(1, TIMES)
            for message in range(TIMES):
                server.post(f"{mark(message + 1)} {TEXT}")
                time.sleep(APART)
            done = read.finish()
            if done.lost or done.twice:
                raise RuntimeError(f"{done.lost} were lost and {done.twice} came twice.")
            found["p50"]["Plainwire"].append(done.p50_ms)
            found["p99"]["Plainwire"].append(done.p99_ms)
    return found


def pages(run: Run) -> dict:
    """``cpu`` in milliseconds of a chat's page with 50 messages that were read before, and of GET /up."""
    server = run.ours()
    for _ in range(SHOWN):
        server.post(TEXT)
    server.ada.turbo("POST", f"/chats/{server.chat}/reads", {"message_id": ALL})
    asked = {"page of 50 messages": f"/chats/{server.chat}", "GET /up": "/up"}
    return {"cpu": in_turn(run, {label: (server, getter(server, path)) for label, path in asked.items()})}


def history(run: Run) -> dict:
    """``cpu`` in milliseconds of the page of a chat with a million messages, and of one with a hundred."""
    server = run.ours()
    server.post(TEXT)
    chats = {label: server.ada.start_chat(title=label) for label in (f"{MANY:,} messages", f"{FEW} messages")}
    for chat, count in zip(chats.values(), (MANY, FEW), strict=True):
        fill(server.database, chat, count)
    pairs = {label: (server, getter(server, f"/chats/{chat}")) for label, chat in chats.items()}
    return {"cpu": in_turn(run, pairs)}


def getter(server, path: str):
    def get() -> None:
        answer = server.ada.http.get(path)
        assert answer.status_code == 200, answer.status_code

    return get


def fill(database: sqlite3.Connection, chat: int, count: int) -> None:
    """Copies of the first message, each as if it had been posted after the one before."""
    names = [row[1] for row in database.execute("PRAGMA table_info(messages)")]
    (last,) = database.execute("SELECT max(id) FROM messages").fetchone()
    own = {"id": f"{last} + n", "chat_id": str(chat), "created_revision": "n + 1", "revision": "n + 1"}
    own["client_id"] = "'copy-' || ? || '-' || n"
    values = ", ".join(own.get(name, f"m.{name}") for name in names)
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)"
    with database:
        rows = f"SELECT {values} FROM numbers, (SELECT * FROM messages ORDER BY id LIMIT 1) m"
        database.execute(f"INSERT INTO messages ({', '.join(names)}) {numbers} {rows}", (count, chat))
        database.execute("UPDATE chats SET revision = ? WHERE id = ?", (count + 1, chat))
