"""Archiving a chat, and bringing it back."""

from flask import Blueprint, abort, flash, redirect

from chatapp.authentication import viewer
from chatapp.extensions import db
from chatapp.helpers import path_to

from . import member_routes

bp = Blueprint("archives", __name__, url_prefix="/chats/<int:chat_id>")


@bp.post("/archives")
def create(chat_id: int):
    chat = viewer().find_chat(chat_id, to_change=True)
    if not viewer().can_manage(chat):
        abort(403, "Only a manager of the chat or an administrator can archive it.")
    chat.archive()
    db.session.commit()
    flash(f"{chat.display_title} is archived. It is now listed below your chats.", "notice")
    return redirect(path_to("chats.index"), 303)


def destroy(chat_id: int):
    chat = viewer().find_chat(chat_id, to_change=True)
    if not viewer().can_change(chat):
        abort(403, "Only members can bring an archived chat back.")
    chat.bring_back()
    db.session.commit()
    return redirect(path_to("chats.show", id=chat.id), 303)


member_routes(bp, "/archive", destroy=destroy)
