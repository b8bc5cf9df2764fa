"""Archiving a chat, and bringing it back."""

from flask import Blueprint, abort

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.models import Chat
from chatapp.models.departure import Departure

from . import lead_to, member_routes

bp = Blueprint("archives", __name__, url_prefix="/chats/<int:chat_id>")


@bp.post("/archives")
def create(chat_id: int):
    chat = Chat.find(chat_id, viewer(), to_change=True)
    if not may_archive(chat):
        abort(403, "Only a manager of the chat or an administrator can archive it.")
    chat.archive()
    notice = f"{chat.display_title} is archived. It is now listed below your chats."
    return OnceCommitted(lead_to, "chats.index", notice)


def may_archive(chat: Chat) -> bool:
    """True also for the last person in a chat that nobody manages any more, who can't leave it."""
    is_left_alone = chat.membership_of(viewer()) is not None and Departure(chat, viewer()).is_last
    return viewer().can_manage(chat) or is_left_alone


def destroy(chat_id: int):
    chat = Chat.find(chat_id, viewer(), to_change=True)
    if not viewer().can_change(chat):
        abort(403, "Only members can bring an archived chat back.")
    chat.bring_back()
    return lead_to("chats.show", id=chat.id)


member_routes(bp, "/archive", destroy=destroy)
