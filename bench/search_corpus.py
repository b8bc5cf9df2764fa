"""A team's messages for the benchmark of the search, made up by a fixed seed, and a plain scan of them."""

import random
from array import array
from bisect import bisect_left
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from sqlalchemy import insert

from chatapp.extensions import db
from chatapp.models import Chat, Membership, Message, User
from chatapp.models.search_text import SearchText, text_of

CHATS, OPEN, PEOPLE, CHATS_OF_EACH, VOCABULARY = 1000, 20, 1000, 50, 30_000
AT_ONCE = 5_000  # rows
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
SYLLABLES = [a + b for a in "bcdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "el", "ir", "on", "us")]
#: Now and then, so that the texts are not of one alphabet only.
OTHERS = ["node.js", "C++", "Crème", "北京大学", "https://example.com/docs", "привет", "学校", "naïve"]


class Corpus:
    """Words are as frequent as in a language: the second half as often as the first, the third a third."""

    def __init__(self, messages: int):
        self.random, self.size = random.Random(41), messages
        self.words = list(dict.fromkeys(self._word() for _ in range(2 * VOCABULARY)))[:VOCABULARY]
        self.weights = list(accumulate(1 / (place + 3) for place in range(len(self.words))))
        everybody = range(1, PEOPLE + 1)
        self.chats_of = {id: sorted(self.random.sample(range(1, CHATS + 1), CHATS_OF_EACH)) for id in everybody}
        self.people_of: dict[int, list[int]] = defaultdict(lambda: [1])
        for id, chats in self.chats_of.items():
            for chat in chats:
                self.people_of[chat].append(id)

    def _word(self) -> str:
        return "".join(self.random.choices(SYLLABLES, k=self.random.choice((1, 2, 2, 3, 3, 4))))

    def messages(self):
        """Each as its id, chat, author and text; the same ones each time."""
        made = random.Random(42)
        for id in range(1, self.size + 1):
            words = made.choices(self.words, cum_weights=self.weights, k=made.choice((3, 6, 8, 10, 12, 16, 30)))
            if not made.randrange(10):
                words.append(made.choice(OTHERS))
            chat = made.randrange(CHATS) + 1
            yield id, chat, made.choice(self.people_of[chat]), " ".join(words)

    def readable(self, person: int) -> set[int]:
        return {*self.chats_of[person], *range(1, OPEN + 1)}

    def load(self) -> None:
        """Write it into the empty database, with the words of each message as its session would write them."""
        connection = db.session.connection()
        people = [
            {"id": id, "name": f"Person {id}", "email": f"p{id}@example.com", "kind": "person"} for id in self.chats_of
        ]
        connection.execute(insert(User), people)
        chats = [{"id": id, "title": f"Chat {id}", "creator_id": 1, "assistant": "never"} for id in range(1, CHATS + 1)]
        kinds = [chat | {"kind": "open" if chat["id"] <= OPEN else "closed", "created_at": BEGINNING} for chat in chats]
        connection.execute(insert(Chat), kinds)
        rows = [{"chat_id": chat, "user_id": id, "revision": 1} for id, of in self.chats_of.items() for chat in of]
        connection.execute(insert(Membership), rows)
        batch = []
        for message in self.messages():
            batch.append(message)
            if len(batch) == AT_ONCE or message[0] == self.size:
                self._load(batch)
                batch = []
        _count_on()

    def _load(self, batch: list[tuple]) -> None:
        rows = [
            {"id": id, "chat_id": chat, "author_id": author, "content": text, "revision": 1, "searched_revision": 1,
             "state": "complete", "created_at": BEGINNING + timedelta(minutes=id)}
            for id, chat, author, text in batch
        ]  # fmt: skip
        db.session.execute(insert(Message), rows)
        texts = [{"message_id": row["id"], "text": text_of(Message(**row))} for row in rows]
        db.session.execute(insert(SearchText), texts)
        db.session.commit()
        db.session.expunge_all()


def _count_on() -> None:
    """PostgreSQL does not count ids that it did not give."""
    if db.engine.dialect.name == "postgresql":
        for name in ("users", "chats", "memberships", "messages"):
            db.session.execute(db.text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))
        db.session.commit()


class PlainScan:
    """Finds words without a database: for each word the ids of the messages that have it."""

    def __init__(self, corpus: Corpus, words_of):
        self.corpus, self.chat_of, self.ids = corpus, array("H", [0]), defaultdict(lambda: array("I"))
        known: dict[str, frozenset[str]] = {}
        for id, chat, _, text in corpus.messages():
            self.chat_of.append(chat)
            words: set[str] = set()
            for word in text.split():
                words.update(known.get(word) or known.setdefault(word, frozenset(words_of(word))))
            for word in words:
                self.ids[word].append(id)
        self.sorted = sorted(self.ids)

    def newest(self, words: list[str], begins: bool, person: int, size: int) -> list[int]:
        readable = self.corpus.readable(person)
        wanted = [[self.ids.get(word, ())] for word in words]
        if begins:
            wanted[-1] = [self.ids[word] for word in self._beginning(words[-1])]
        rarest, *others = sorted(wanted, key=lambda lists: sum(map(len, lists)))
        found = []
        for id in sorted({id for ids in rarest for id in ids}, reverse=True):
            if self.chat_of[id] in readable and all(any(_has(ids, id) for ids in lists) for lists in others):
                found.append(id)
                if len(found) == size:
                    break
        return found

    def _beginning(self, start: str) -> list[str]:
        return self.sorted[bisect_left(self.sorted, start) : bisect_left(self.sorted, start + "\U0010ffff")]


def _has(ids, id: int) -> bool:
    place = bisect_left(ids, id)
    return place < len(ids) and ids[place] == id
