"""How far the viewer has read in a chat: marking messages as read, and as unread."""

from flask import Blueprint, Response, abort, current_app, request

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter
from chatapp.forms import ReadForm
from chatapp.models import Chat, ListedChat

from . import lead_to
from .messages import TURBO_STREAM

bp = Blueprint("reads", __name__)


@bp.post("/chats/<int:chat_id>/reads")
@limiter.limit(lambda: current_app.config["READ_RATE"])
def create(chat_id: int):
    form = ReadForm()
    if not form.validate():
        abort(422, form.message_id.errors[0])
    chat = Chat.find(chat_id, viewer())
    ListedChat.locked(viewer(), chat).read(form.last_read, only_forward=form.was_seen)
    return OnceCommitted(done, chat)


def done(chat: Chat) -> Response:
    """Nothing for scripts. People without scripts have marked messages as unread, and get the list that shows it."""
    accepted = request.headers.get("Accept", "")
    if TURBO_STREAM in accepted or "text/html" not in accepted:
        return Response(status=204, mimetype="text/plain")  # a script would take HTML for somebody else's answer
    return lead_to("chats.index", f"Marked as unread in {chat.title_for(viewer())}.")
