"""The search among a million messages: how long it takes, what it finds, and what it adds to sending.

It asks the app itself, without a server in between, as a member of 50 of 1,000 chats, and compares what random people
find with a plain scan of the same messages.

python bench/search.py [--postgres] [--messages=100000] [--queries=10000] [--database=URL]

With --database it takes a database of its own that an earlier run left there, or fills it.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
from support import verdict

from tests.servers import SETTING_NAMES, postgres_server, redis_server


def option(name: str, default: str) -> str:
    return next((given.partition("=")[2] for given in sys.argv if given.startswith(f"--{name}=")), default)


MESSAGES, QUERIES = int(option("messages", "1000000")), int(option("queries", "10000"))
TIMED, SENT, PAGE, ME = 400, 300, 20, 77
FRAME = {"Turbo-Frame": "search_results"}  # what a page asks for while somebody types
LIMIT, EXTRA = 0.050, 1.15  # seconds, and times what sending costs without the search


class Clock:
    """The time that passes, and the CPU that this process and the database use meanwhile."""

    def __init__(self, database: psutil.Process | None):
        self.processes = [database, *database.children()] if database else []
        self._spent: dict[int, int] = {}  # nanoseconds, by process
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def __enter__(self) -> None:
        self._began, self._used = time.perf_counter(), self._cpu()

    def __exit__(self, *_) -> None:
        self.wall.append(time.perf_counter() - self._began)
        self.cpu.append(self._cpu() - self._used)

    def _cpu(self) -> float:
        for process in self.processes:
            with suppress(OSError):  # a process of the database has ended
                self._spent[process.pid] = int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0])
        return time.process_time() + sum(self._spent.values()) / 1e9

    def __str__(self) -> str:
        return f"{quantiles(self.wall)}; of CPU {quantiles(self.cpu)}"


def quantiles(values: list[float]) -> str:
    return (
        f"{p(50, values) * 1000:.1f} ms (half), {p(95, values) * 1000:.1f} ms (p95), {max(values) * 1000:.0f} ms (last)"
    )


def p(percent: int, values: list[float]) -> float:
    return sorted(values)[len(values) * percent // 100]


def environment(stack: ExitStack) -> psutil.Process | None:
    """Sets the app's environment. Returns the database's process, if it has one."""
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    for name in SETTING_NAMES:
        os.environ.pop(name, None)
    redis = stack.enter_context(redis_server(directory))
    server, url = None, option("database", "")
    if not url and "--postgres" in sys.argv:
        server = stack.enter_context(postgres_server())
        url = server.create_database("search")
    os.environ |= {"REDIS_URL": redis.url, "SECRET_KEY": "test", "LOG_LEVEL": "WARNING"}
    os.environ |= {"DATABASE_URL": url or f"sqlite:///{directory}/search.sqlite3", "DATABASE_STATEMENT_TIMEOUT": "600"}
    os.environ |= {
        "MESSAGE_RATE": "10000 per second",
        "SEARCH_RATE": "10000 per second",
        "DATABASE_LOCK_TIMEOUT": "600",
    }
    if server:
        return psutil.Process(server.process.pid)
    return psutil.Process(int(option("pid", "0"))) if option("pid", "") else None


def prepared(app, corpus) -> None:
    from flask_migrate import upgrade

    from chatapp.extensions import db
    from chatapp.models import Message

    upgrade()
    if db.session.get(Message, 1) is None:
        began = time.monotonic()
        corpus.load()
        print(f"{corpus.size:,} messages written with their words in {time.monotonic() - began:.0f} s")
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")


def typed_words(corpus, choose: random.Random) -> list[str]:
    """Two words as people look for them: half of them of one message, so that something is found."""
    if choose.random() < 0.5:
        return choose.choices(corpus.words, cum_weights=corpus.weights, k=2)
    text = choose.choices(corpus.words, cum_weights=corpus.weights, k=1)
    return [*text, choose.choice(corpus.words[:3000])]


def searches(visitor, corpus, database, begins: bool) -> Clock:
    """``begins``: the last word is still being typed."""
    clock, choose = Clock(database), random.Random(7)
    for _ in range(TIMED):
        first, second = typed_words(corpus, choose)
        typed = f"{first} {second[:3] if begins else second + ' '}"
        with clock:
            answer = visitor.get("/search", query_string={"q": typed}, headers=FRAME if begins else None)
        assert answer.status_code == 200
    return clock


def frequent(visitor, corpus, database) -> Clock:
    """The two words that most messages have, typed to the end or not, and a word that nobody has beside one of them."""
    clock = Clock(database)
    one, two, *_ = corpus.words
    for _ in range(10):
        for typed in (f"{one} {two} ", f"{one} {two}", f"{one} zzzzz ", one[:3], f"from:me {one} "):
            with clock:
                assert visitor.get("/search", query_string={"q": typed}).status_code == 200
    return clock


def differences(corpus) -> int:
    """How often a random person's random search finds anything but what a plain scan finds."""
    from search_corpus import PlainScan

    from chatapp.extensions import db
    from chatapp.lib.search_words import fold, words_in
    from chatapp.models import User
    from chatapp.models.search import Search

    scan = PlainScan(corpus, lambda word: [found.word for found in words_in(fold(word))])
    choose, wrong, found_any = random.Random(9), 0, 0
    for _ in range(QUERIES):
        words = [word.lower() for word in typed_words(corpus, choose)[: choose.choice((1, 2, 2))]]
        begins = choose.random() < 0.25 and len(words[-1]) > 3
        words[-1] = words[-1][:4] if begins else words[-1]
        user = db.session.get(User, choose.randrange(1, len(corpus.chats_of) + 1))
        messages, _ = Search(user, " ".join(words) + ("" if begins else " ")).newest(before=corpus.size + 1)
        expected = scan.newest(words, begins, user.id, PAGE)
        wrong += [message.id for message in messages] != expected
        found_any += bool(expected)
        db.session.expunge_all()
    print(f"{QUERIES:,} random searches of random people, {found_any:,} of which find something:", end=" ")
    print(f"{wrong} differ from a plain scan")
    return wrong


def sending(visitor, corpus, database) -> tuple[Clock, Clock]:
    """Requests that send, in turn with and without the words being kept."""
    from chatapp.models import search_text

    class Room:
        id = corpus.chats_of[ME][0]

    add, clocks = search_text._add, (Clock(database), Clock(database))
    texts = (text for _, _, _, text in corpus.messages())
    for number in range(2 * SENT):
        without = number % 2
        search_text._add = (lambda connection, message: None) if without else add
        with clocks[without]:
            answer = visitor.send(Room, next(texts))
        assert answer.status_code == 201
    search_text._add = add
    return clocks


with ExitStack() as stack:
    database = environment(stack)
    from search_corpus import Corpus

    from chatapp.extensions import db
    from chatapp.models import User
    from tests.visitors import Visitor
    from wsgi import app

    with app.app_context():
        corpus = Corpus(MESSAGES)
        prepared(app, corpus)
        visitor = Visitor(app, db.session.get(User, ME)).log_in()
        visitor.get("/search?q=warm")
        whole = searches(visitor, corpus, database, begins=False)
        print(f"Two words: {whole}")
        begun = searches(visitor, corpus, database, begins=True)
        print(f"A word and three letters of the next: {begun}")
        print(f"The most frequent words: {frequent(visitor, corpus, database)}")
        wrong = differences(corpus)
        on, off = sending(visitor, corpus, database)
        print(f"Sending: {on}\n  without the search: {off}")
        cost, time_cost = sum(on.cpu) / sum(off.cpu), statistics.median(on.wall) / statistics.median(off.wall)
        print(f"  {100 * cost - 100:.0f} % more CPU, {100 * time_cost - 100:.0f} % more time")
verdict(
    two_words_are_found_within_50_ms=p(95, whole.wall) < LIMIT,
    so_are_they_while_somebody_types=p(95, begun.wall) < LIMIT,
    nothing_differs_from_a_plain_scan=wrong == 0,
    sending_costs_at_most_15_percent_more=cost <= EXTRA and time_cost <= EXTRA,
)
