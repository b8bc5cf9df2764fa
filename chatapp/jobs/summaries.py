"""Summaries for people who were away, in the background."""

import logging

from flask import current_app

from chatapp.edge import commit_each
from chatapp.extensions import db
from chatapp.models import Summary, User
from chatapp.models.assistant import Setup
from chatapp.models.summing_up import SummingUp
from chatapp.turbo import is_conflict

from . import job
from .replies import language_model

log = logging.getLogger(__name__)


@job
def write(summary_id: int, attempt: int) -> None:
    """Have a summary written. ``attempt`` tells one job from the next."""
    summary = db.session.get(Summary, summary_id)
    if summary is None:  # its person has left the chat
        return
    setup = Setup.of(next(iter(summary.chat.assistants), None) or User.built_in(), current_app.config)
    summing_up, begun = SummingUp(summary, attempt, language_model(setup), setup.budget), False
    try:
        for _ in commit_each(summing_up.steps()):
            begun = True
    except Exception as error:
        if is_conflict(error) and not begun:
            raise  # the model was not asked yet: the job runs once more
        log.exception("Summary %d broke", summary_id)
        db.session.rollback()
        summing_up.give_up()
