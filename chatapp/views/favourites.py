"""Favourites: the chats that one has on top of one's own list."""

from flask import Blueprint

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.models import Chat, ListedChat

from . import lead_to, member_routes

bp = Blueprint("favourites", __name__, url_prefix="/chats/<int:chat_id>")


@bp.post("/favourites")
def create(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    ListedChat.locked(viewer(), chat).set_favourite(True)
    return OnceCommitted(lead_to, "chats.edit", f"{chat.display_title} is on top of your chats.", id=chat.id)


def destroy(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    ListedChat.locked(viewer(), chat).set_favourite(False)
    return OnceCommitted(lead_to, "chats.edit", f"{chat.display_title} is among your other chats again.", id=chat.id)


member_routes(bp, "/favourite", destroy=destroy)
