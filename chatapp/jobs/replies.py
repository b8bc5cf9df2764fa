"""Replies of assistants, in the background."""

import logging
from collections.abc import Iterator
from contextlib import closing

from flask import current_app
from sqlalchemy.exc import IntegrityError, OperationalError

from chatapp.edge import commit_each, release_connection
from chatapp.extensions import db
from chatapp.lib.http_clients import HangUp
from chatapp.lib.llm import Call, LanguageModel, ModelError
from chatapp.lib.llm_figures import Figures
from chatapp.models import Conversation, Message, User
from chatapp.models.assistant import LOST_KEY, Setup
from chatapp.models.reply import Reply
from chatapp.tools.toolbox import Toolbox
from chatapp.turbo import is_conflict

from . import job
from .desk import desk

log = logging.getLogger(__name__)


@job
def write(reply_id: int, attempt: int = 0) -> None:
    """Have a reply written by its assistant. ``attempt`` only tells one job from the next in the queue."""
    reply = db.session.get(Message, reply_id)
    if reply is not None and reply.question is not None:
        write_now(reply)


@job
def answer(question_id: int, attempt: int = 0) -> None:
    """Have the built-in assistant answer. Processes of the previous release queue this."""
    question = db.session.get(Message, question_id)
    if question is None or (question.deleted_at and not question.replies):
        return
    for _ in commit_each(begun_late(question)):
        pass
    if reply := question.reply_of(User.assistant()):
        write_now(reply)


def begun_late(question: Message) -> Iterator[None]:
    # Processes of the previous release leave making the reply to the job.
    if question.replies:
        return
    try:
        with db.session.begin_nested():
            question.begin_reply().line_up()
    except IntegrityError:  # another job was quicker
        db.session.expire(question, ["replies"])
    yield


def write_now(message: Message) -> None:
    setup = Setup.of(message.author, current_app.config)
    conversation = conversation_for(message.question, setup, message)
    reply, begun = Reply(message, conversation, language_model(setup), Toolbox), False
    release_connection()  # many jobs wait here for a turn, and there are few connections
    try:
        with desk.holding(reply), closing(reply.steps()) as steps:
            for _ in commit_each(steps):
                begun = True
    except OperationalError as error:
        if is_conflict(error) and not begun:
            raise  # the model was not asked yet: the job runs once more
        # The database is away, or was busy for too long. The lease runs out, and another job goes on.
        log.warning("Reply %d is left to another job: %s", reply.id, error)
        db.session.rollback()
        return
    except Exception:
        log.exception("Reply %d broke", reply.id)
        db.session.rollback()
        reply.give_up()
    message.chat.call_next_after(message)


class Unasked:
    """Stands for a model that nobody can ask, because its key can't be read."""

    def __init__(self, model: str, timeout: float):
        self.model, self.timeout, self.hang_up, self.figures = model, timeout, HangUp(), Figures()
        self.calls: list[Call] = []

    def stream(self, messages: list[dict], tools: list[dict] | None = None) -> Iterator[str]:
        raise ModelError(LOST_KEY)


def conversation_for(question: Message, setup: Setup | None = None, reply: Message | None = None) -> Conversation:
    setup = setup or Setup.of_environment(current_app.config)
    return Conversation(question, setup.instructions, setup.budget, reply and reply.author, setup.sees)


def language_model(setup: Setup | None = None) -> "LanguageModel | Unasked":
    config = current_app.config
    setup = setup or Setup.of_environment(config)
    if setup.key_is_lost:
        return Unasked(setup.model, config["ASSISTANT_TIMEOUT"])
    return LanguageModel(
        setup.base_url,
        setup.api_key,
        setup.model,
        timeout=config["ASSISTANT_TIMEOUT"],
        longest=config["ASSISTANT_REPLY_TIMEOUT"],
        max_tokens=setup.reply_tokens,
    )
