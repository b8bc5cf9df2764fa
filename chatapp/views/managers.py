"""The managers of a chat, who may be several."""

from flask import Blueprint, abort
from sqlalchemy import select

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import db
from chatapp.forms import ManagerForm
from chatapp.models import Chat, Membership
from chatapp.models.mixins.managed import LastManager

from . import lead_to, member_routes

bp = Blueprint("managers", __name__, url_prefix="/chats/<int:chat_id>/managers")

LAST = "This is the only manager of the chat. Make somebody else a manager first."


@bp.post("")
def create(chat_id: int):
    chat = managed(chat_id)
    membership = person_in(chat, ManagerForm().chosen_id)
    chat.promote(membership)
    return OnceCommitted(lead_to, "members.index", f"{membership.user.name} is a manager now.", chat_id=chat.id)


def destroy(chat_id: int, user_id: int):
    chat = managed(chat_id)
    membership = person_in(chat, user_id)
    try:
        chat.demote(membership)
    except LastManager:
        abort(422, LAST)
    return OnceCommitted(lead_to, "members.index", f"{membership.user.name} is no manager now.", chat_id=chat.id)


def managed(chat_id: int) -> Chat:
    chat = Chat.find(chat_id, viewer(), to_change=True)
    if not viewer().can_manage(chat):
        abort(403, "Only a manager of the chat or an administrator can choose its managers.")
    return chat


def person_in(chat: Chat, user_id: int | None) -> Membership:
    """The membership of a person; 404 for assistants, for closed accounts and for people who are not members."""
    if user_id is None:
        abort(422, "manager takes the id of a member.")
    chosen = select(Membership).filter_by(chat_id=chat.id, user_id=user_id)
    return db.first_or_404(chosen.where(Membership.is_active()))


member_routes(bp, "/<int:user_id>", destroy=destroy)
