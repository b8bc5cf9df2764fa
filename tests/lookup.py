"""A tool for tests: it looks into a small book of answers, and fails, hangs or breaks on command."""

import threading

from chatapp.extensions import db
from chatapp.lib.http_clients import HangUp
from chatapp.tools import Tool, ToolError

SCHEMA = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}


class Lookup(Tool):
    """``answers`` are results by the query, or errors to raise; ``asked`` are the queries that came."""

    name, title, description, parameters, icon = "lookup", "Look it up", "Looks something up.", SCHEMA, "search"
    reaches_out = False

    def __init__(self, answers: dict | None = None, repeatable: bool = True):
        self.answers, self.repeatable = answers or {}, repeatable
        self.asked: list[str] = []
        self.hung_up = threading.Event()
        self.transactions: list[bool] = []  # whether one was open

    def words(self, arguments: dict) -> str:
        return f"Looked up “{arguments['query']}”"

    def use(self, arguments: dict, hang_up: HangUp) -> str:
        query = arguments.get("query", "")
        self.transactions.append(db.session.registry().in_transaction())
        self.asked.append(query)
        if query == "hang":
            if hang_up.wait(120):
                self.hung_up.set()
            return "It ended."
        answer = self.answers.get(query, f"Nothing about {query}.")
        if isinstance(answer, Exception):
            raise answer
        return answer


class Wipe(Lookup):
    """Another one, which may not be used twice."""

    name, title, icon = "wipe", "Wipe the board", "tool"

    def __init__(self, answers: dict | None = None):
        super().__init__(answers, repeatable=False)


class Careful(Lookup):
    """One about which people are asked first."""

    name, title = "careful", "Look it up outside"
    reaches_out = True


__all__ = ["Careful", "Lookup", "ToolError", "Wipe"]
