"""Mutes: the chats that no longer draw a person's attention."""

from flask import Blueprint

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.models import Chat, ListedChat

from . import member_routes
from .favourites import lead_to_settings

bp = Blueprint("mutes", __name__, url_prefix="/chats/<int:chat_id>")


@bp.post("/mutes")
def create(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    ListedChat.locked(viewer(), chat).mute(True)
    return OnceCommitted(lead_to_settings, chat, "is muted.")


def destroy(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    ListedChat.locked(viewer(), chat).mute(False)
    return OnceCommitted(lead_to_settings, chat, "is not muted any more.")


member_routes(bp, "/mute", destroy=destroy)
