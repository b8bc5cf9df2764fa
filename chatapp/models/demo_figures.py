"""Some months of figures for the example team, so that its page of totals has something to show."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice

from sqlalchemy import insert

from chatapp.extensions import db
from chatapp.lib.amounts import MILLION

from .budget import MONEY, Budget
from .chat import Chat
from .figure import Figure, day_of
from .message import Message
from .mixins.timestamps import now
from .price import Price
from .user import User

#: The prices of the models, for a million tokens read and written.
PRICES = {"gpt-4.1-mini": (400_000, 1_600_000), "gpt-4.1": (2 * MILLION, 8 * MILLION)}
DAYS = 200
#: Tokens read and written, in an order that looks like a team at work.
ANSWERS = ((640, 210), (1180, 340), (1620, 95), (2900, 480), (410, 60), (1930, 512), (860, 150))


class DemoFigures:
    """``people`` have asked in ``chats`` on most days of the last months, and more lately."""

    def __init__(self, people: list[User], chats: list[Chat]):
        self.people, self.chats = people, chats

    def fill(self, answer: Message) -> None:
        """``answer`` is the assistant's answer whose figures people can look at."""
        for model, price in PRICES.items():
            Price.set(model, *price)
        Budget.decide("USD", MONEY, person_day=2 * MILLION, place_day=None, place_month=50 * MILLION)
        db.session.flush()
        db.session.execute(insert(Figure), list(self._rows()))
        one = self._row(0, "gpt-4.1-mini", 1184, 96, self.people[0], answer.chat)
        db.session.execute(insert(Figure), [one | {"message_id": answer.id}])

    def _rows(self) -> Iterator[dict]:
        answers, whose = cycle(ANSWERS), cycle((0, 1, 1, 2, 0, 3, 1))
        for ago in range(DAYS):
            count = 3 + (DAYS - ago) // 20 if (now() - timedelta(days=ago)).weekday() < 5 else 1
            for number, (read, written) in enumerate(islice(answers, count)):
                model = "gpt-4.1" if number % 4 == 3 else "gpt-4.1-mini"
                person, chat = self.people[next(whose)], self.chats[(ago + number) % len(self.chats)]
                yield self._row(ago, model, read * 9, written * 3, person, chat)

    @staticmethod
    def _row(ago: int, model: str, read: int, written: int, person: User, chat: Chat) -> dict:
        at = now() - timedelta(days=ago)
        tokens_in, tokens_out = PRICES[model]
        counted = {"tokens_in": read, "tokens_out": written, "estimated": False}
        cost = (read * tokens_in + written * tokens_out) // MILLION
        times = {"first_ms": 380 + read % 400, "took_ms": 800 + written * 14, "created_at": at, "day": day_of(at)}
        whose = {"asker_id": person.id, "chat_id": chat.id, "purpose": "reply", "model": model}
        return counted | times | whose | {"cost": cost}
