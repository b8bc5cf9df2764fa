"""The people whom the viewer can mention in a chat, as the options of a list."""

from flask import Blueprint, render_template, request

from chatapp.authentication import viewer
from chatapp.models import Chat
from chatapp.models.mentionable import mentionables

from .members import only_members

bp = Blueprint("mentionables", __name__)


@bp.get("/chats/<int:chat_id>/mentionables")
def index(chat_id: int):
    chat = only_members(Chat.find(chat_id, viewer()))
    found = mentionables(chat, viewer(), request.args.get("q", ""))
    return render_template("mentionables/_list.html", mentionables=found)
