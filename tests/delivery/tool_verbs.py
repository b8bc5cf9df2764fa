"""What the direct process does with the tools of an assistant. See direct.py."""

from chatapp.extensions import db
from chatapp.lib.llm import Call
from chatapp.models import Message
from chatapp.models.rounds import NoTools, Rounds


class Search:
    name, title, icon, repeatable = "search", "Search <b> & more", "search", True


class Toolbox(NoTools):
    """With one tool, about which people are asked, or not."""

    def __init__(self, asks: bool):
        self.asks = asks

    def named(self, name: str) -> type[Search]:
        return Search

    def asks_first(self, chat, tool) -> bool:
        return self.asks

    def words(self, tool, arguments: dict) -> str:
        return f"Searched for {arguments['query']}"


def use_tool(message: int, query: str, asks: bool) -> int | None:
    """The model calls a tool, behind what it has written. Returns the use."""
    found = db.session.get(Message, message)
    found.lock()
    id = None
    if found.generating and not found.deleted_at:
        found.write(found.content)
        rounds = Rounds(found)
        rounds.take()
        rounds.add([Call("a", "search", "{}", {"query": query})], Toolbox(asks))
        id = rounds.uses[-1].id
    db.session.commit()
    return id


def end_use(message: int, result: str, went_well: bool) -> None:
    found = db.session.get(Message, message)
    found.lock()
    rounds = Rounds(found)
    rounds.take()
    if rounds.next and found.generating and not found.deleted_at:
        found.note_shown()
        rounds.end(rounds.next, went_well, result)
    db.session.commit()


VERBS = {verb.__name__: verb for verb in (use_tool, end_use)}
