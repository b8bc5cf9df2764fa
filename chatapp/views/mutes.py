"""Mutes: the chats that draw one's eye no more."""

from flask import Blueprint

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.models import Chat, ListedChat

from . import lead_to, member_routes

bp = Blueprint("mutes", __name__, url_prefix="/chats/<int:chat_id>")


@bp.post("/mutes")
def create(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    ListedChat.locked(viewer(), chat).mute(True)
    return OnceCommitted(lead_to, "chats.edit", f"{chat.display_title} is muted.", id=chat.id)


def destroy(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    ListedChat.locked(viewer(), chat).mute(False)
    return OnceCommitted(lead_to, "chats.edit", f"{chat.display_title} is not muted any more.", id=chat.id)


member_routes(bp, "/mute", destroy=destroy)
