"""The offer that the assistant waits until it is mentioned. Either answer takes it away."""

from flask import Blueprint, Response, abort, request

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.models import Chat

from . import lead_to, member_routes
from .messages import TURBO_STREAM

bp = Blueprint("offers", __name__, url_prefix="/chats/<int:chat_id>")
ANSWERS = {"mentioned", "always"}


def destroy(chat_id: int):
    answer = request.form.get("assistant")
    chat = Chat.find(chat_id, viewer(), to_change=True)
    if not viewer().can_manage(chat):
        abort(403, "Only a manager of the chat or an administrator can say when the assistant answers.")
    if answer not in ANSWERS:
        abort(422, "assistant takes mentioned or always.")
    if chat.offers_silence:  # otherwise somebody has decided meanwhile
        chat.settle(answer)
    return OnceCommitted(settled, chat)


def settled(chat: Chat) -> Response:
    if TURBO_STREAM in request.headers.get("Accept", ""):
        return Response(chat.fragment(since=0), mimetype=TURBO_STREAM)
    return lead_to("chats.show", id=chat.id)


member_routes(bp, "/offer", destroy=destroy)
