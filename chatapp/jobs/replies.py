"""Replies of the assistant, in the background."""

import logging

from flask import current_app

from chatapp.edge import commit_each
from chatapp.extensions import db
from chatapp.lib.llm import LanguageModel
from chatapp.models import Conversation, Message
from chatapp.models.reply import Reply
from chatapp.turbo import is_conflict

from . import job

log = logging.getLogger(__name__)


@job
def answer(question_id: int, attempt: int = 0) -> None:
    """Have the assistant answer a message. ``attempt`` only tells one job from the next in the queue."""
    question = db.session.get(Message, question_id)
    if question is None or (question.deleted_at and question.reply is None):
        return
    reply, begun = Reply(question, conversation_for(question), language_model()), False
    try:
        for _ in commit_each(reply.steps()):
            begun = True
    except Exception as error:
        if is_conflict(error) and not begun:
            raise  # nobody was asked yet: the job runs once more
        log.exception("The reply to message %d broke", question_id)
        db.session.rollback()
        reply.give_up()


def conversation_for(question: Message) -> Conversation:
    config = current_app.config
    budget = config["ASSISTANT_CONTEXT_TOKENS"] - config["ASSISTANT_REPLY_TOKENS"]
    return Conversation(question, config["ASSISTANT_PROMPT"], budget)


def language_model() -> LanguageModel:
    config = current_app.config
    return LanguageModel(
        config["OPENAI_BASE_URL"],
        config["OPENAI_API_KEY"],
        config["ASSISTANT_MODEL"],
        timeout=config["ASSISTANT_TIMEOUT"],
        longest=config["ASSISTANT_REPLY_TIMEOUT"],
        max_tokens=config["ASSISTANT_REPLY_TOKENS"],
    )
