"""Telling others that the viewer is typing."""

from flask import Blueprint, current_app

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter
from chatapp.models import Chat, Typing

from .members import only_members

bp = Blueprint("typings", __name__)


@bp.post("/chats/<int:chat_id>/typing")
@limiter.limit(lambda: current_app.config["TYPING_RATE"])
def create(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    only_members(chat).must_let_write(viewer())
    return OnceCommitted(begin, chat)


def begin(chat: Chat):
    """Changes nothing in the database. It runs after the commit, so that others are told only once."""
    Typing(chat).begin(viewer())
    return "", 204
