"""Titles of chats, found by a model. Where that fails, the chat keeps its title."""

import logging
from collections.abc import Iterator
from contextlib import closing, suppress

from flask import current_app

from chatapp.edge import commit_each
from chatapp.extensions import db
from chatapp.lib.llm import CutOff, LanguageModel, ModelError
from chatapp.models import Budget, Chat, Figure, Message
from chatapp.models.assistant import Setup
from chatapp.models.titling import MOST, Titling

from . import job

log = logging.getLogger(__name__)

#: Seconds. They are few, because nobody waits for a title, and other jobs wait for the worker.
SILENCE, LONGEST = 15, 30
#: Tokens. Some models think before they answer.
TOKENS = 400


@job
def find(chat_id: int, reply_id: int) -> None:
    """Give the chat a title, from the answer ``reply_id`` and its question."""
    chat, reply = db.session.get(Chat, chat_id), db.session.get(Message, reply_id)
    if chat is None or reply is None or chat.deleted_at or reply.deleted_at:
        return
    setup, titling = Setup.of(reply.author, current_app.config), Titling(chat)
    if setup.key_is_lost or not setup.finds_titles or not titling.is_first_answer(reply):
        return
    if not Budget.now().used_up(reply.decider):
        for _ in commit_each(steps(titling, reply, setup)):
            pass


def steps(titling: Titling, reply: Message, setup: Setup) -> Iterator[None]:
    """Yields whenever there is something to commit."""
    model = LanguageModel(setup.base_url, setup.api_key, setup.model, SILENCE, LONGEST, TOKENS)
    asked = titling.messages(reply)
    whose = {"chat_id": reply.chat_id, "asker_id": reply.decider_id, "purpose": "title"}
    figure = Figure.begin(setup.model, asked, **whose)
    yield
    titling.take(answer(model, asked), reply)
    figure.end(model.figures)
    yield


def answer(model: LanguageModel, asked: list[dict[str, str]]) -> str:
    """What the model says; empty where it fails."""
    words = ""
    try:
        with closing(model.stream(asked)) as pieces, suppress(CutOff):
            for piece in pieces:
                words += piece
                if len(words) > MOST:
                    break
    except ModelError as error:
        log.info("no title: %s", error)
        return ""
    return words
