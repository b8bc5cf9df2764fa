"""Asks the servers of assistants how much their models can read."""

from flask import current_app

from chatapp.edge import release_connection
from chatapp.extensions import db
from chatapp.lib.llm_window import told_window
from chatapp.models.assistant import Assistant

from . import job


@job
def measure(user_id: int) -> None:
    """Note the window of this assistant's model, where its server says it."""
    assistant = db.session.get(Assistant, user_id)
    if assistant is None or not assistant.model:
        return
    setup = assistant.setup(current_app.config["SECRET_KEY"])
    asked = (assistant.base_url, assistant.model)
    release_connection()
    told = told_window(setup.base_url, setup.api_key, setup.model)
    db.session.refresh(assistant)
    if told and asked == (assistant.base_url, assistant.model):
        assistant.told_tokens = told
