"""Deleting a chat for good."""

from flask import Blueprint, abort, render_template

from chatapp import audit
from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.forms import DeletionForm
from chatapp.models import Chat
from chatapp.models.deletion import Deletion

from . import lead_to

bp = Blueprint("deletions", __name__, url_prefix="/chats/<int:chat_id>/deletions")


@bp.get("/new")
def new(chat_id: int):
    chat = managed(chat_id)
    return page(chat, DeletionForm(chat, formdata=None))


@bp.post("")
def create(chat_id: int):
    form = DeletionForm(managed(chat_id))
    if not form.validate():
        return page(form.chat, form), 422
    chat = managed(chat_id, to_change=True)
    Deletion(chat).begin()
    audit.note_once_committed(f"chat {chat.id} deleted", viewer())
    return OnceCommitted(lead_to, "chats.index", f"{chat.display_title} is deleted.")


def managed(chat_id: int, to_change: bool = False) -> Chat:
    chat = Chat.find(chat_id, viewer(), to_change)
    if not viewer().can_manage(chat):
        abort(403, "Only a manager of the chat or an administrator can delete it.")
    return chat


def page(chat: Chat, form: DeletionForm) -> str:
    return render_template("deletions/new.html", chat=chat, deletion=Deletion(chat), form=form)
