"""Saying that one is typing."""

from flask import Blueprint

from chatapp.authentication import viewer
from chatapp.extensions import limiter
from chatapp.models import Typing

bp = Blueprint("typings", __name__)


@bp.post("/chats/<int:chat_id>/typing")
@limiter.limit("3 per second")
def create(chat_id: int):
    Typing(viewer().find_chat(chat_id)).begin(viewer())
    return "", 204
