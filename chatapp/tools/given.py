"""The tools that an administrator has given an assistant."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from chatapp.extensions import db
from chatapp.models import Assistant, Message, ToolServer

from . import Tool
from .chat_search import ChatReader, ChatSearch
from .served import ServedTool
from .web_page import WebPage

#: The most tools: servers of models take no more.
MOST = 100
#: The tools for each of BUILT_IN_TOOLS.
BUILT_IN = {"search": (ChatSearch, ChatReader), "web": (WebPage,)}


def given_for(reply: Message) -> list[Tool]:
    """The tools that the assistant of this reply may use for its asker in this chat, now."""
    chat, assistant = reply.chat, known_now(reply.author_id)
    if assistant is None or chat.tools == "never" or not assistant.user.active:
        return []
    whose = chat.id, reply.asker_id or reply.question.author_id
    built_in = [make(*whose) for name in assistant.built_in_tools for make in BUILT_IN[name]]
    served = [ServedTool(*whose, assistant.user_id, tool) for tool in assistant.served_tools]
    return (built_in + served)[:MOST]


def known_now(user_id: int) -> Assistant | None:
    """The assistant with its tools, read anew: the records that a job already holds are as old as the job."""
    tools = selectinload(Assistant.servers).selectinload(ToolServer.tools)
    found = select(Assistant).filter_by(user_id=user_id).options(joinedload(Assistant.user), tools)
    return db.session.scalar(found.execution_options(populate_existing=True))
