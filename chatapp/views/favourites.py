"""Favourites: the chats on top of a person's own list."""

from flask import Blueprint, Response

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.models import Chat, ListedChat
from chatapp.models.chat_list import Mark

from . import lead_to, member_routes

bp = Blueprint("favourites", __name__, url_prefix="/chats/<int:chat_id>")


@bp.post("/favourites")
def create(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    ListedChat.locked(viewer(), chat).set_favourite(True)
    return OnceCommitted(lead_to_settings, chat, "is on top of your chats.")


def destroy(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    ListedChat.locked(viewer(), chat).set_favourite(False)
    return OnceCommitted(lead_to_settings, chat, "is among your other chats again.")


def own_line(chat: Chat) -> ListedChat | Mark | None:
    """The viewer's own marks of the chat; None for people who are not members."""
    return chat.membership_of(viewer()) and (ListedChat.known(viewer(), chat) or Mark())


def lead_to_settings(chat: Chat, words: str) -> Response:
    """Redirects to the viewer's own settings of the chat, with a notice that begins with its title."""
    endpoint = "directs.show" if chat.is_direct else "chats.edit"
    return lead_to(endpoint, f"{chat.title_for(viewer())} {words}", id=chat.id)


member_routes(bp, "/favourite", destroy=destroy)
