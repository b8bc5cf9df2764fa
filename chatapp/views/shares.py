"""Links to answers: making them, the list of a chat, and taking them back. They lead to shared_answers.py."""

import hmac
from base64 import urlsafe_b64encode

from flask import Blueprint, abort, current_app, render_template, request

from chatapp import audit
from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import db, limiter
from chatapp.helpers import path_to
from chatapp.models import Chat, Message, Share
from chatapp.models.share import NothingToShare, SharingOff, is_sharable

from . import lead_to, member_routes
from .members import only_members

bp = Blueprint("shares", __name__)

OFF = "Answers of this chat can't be shared. Its managers can allow it in the settings of the chat."
NOTHING = "Only an answer that has ended can be shared, together with its question."


@bp.get("/chats/<int:chat_id>/shares")
def index(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    shares = Share.of(chat) if only_members(chat) else []
    return render_template("shares/index.html", chat=chat, shares=shares)


@bp.get("/messages/<int:message_id>/shares")
def new(message_id: int):
    """Says what the link will show, before it is made."""
    message = Message.find(message_id, viewer())
    only_members(message.chat)
    reason = None if is_sharable(message) else NOTHING
    return render_template("shares/new.html", message=message, reason=reason if message.chat.lets_share else OFF)


@bp.post("/messages/<int:message_id>/shares")
@limiter.limit("30 per minute")
def create(message_id: int):
    message = Message.find(message_id, viewer(), to_change=True)
    only_members(message.chat)
    try:
        share = Share.begin(message, viewer())
    except SharingOff:
        abort(403, OFF)
    except NothingToShare:
        abort(422, NOTHING)
    audit.note_once_committed(f"answer {message_id} shared", viewer())
    return OnceCommitted(lead_to_share, share)


def lead_to_share(share: Share):
    return lead_to("shares.show", id=share.id)


@bp.get("/shares/<int:id>")
def show(id: int):
    share = Share.find(id, viewer())
    only_members(share.message.chat)
    link = request.url_root.rstrip("/") + path_to("shared_answers.show", token=token_of(share))
    can_take_back = share.can_be_taken_back_by(viewer())
    return render_template("shares/show.html", share=share, link=link, can_take_back=can_take_back)


def destroy(id: int):
    share = Share.find(id, viewer())
    chat = only_members(share.message.chat)
    if not share.can_be_taken_back_by(viewer()):
        abort(403, "Only the person who made a link and the managers of its chat can take it back.")
    share.take_back()
    audit.note_once_committed(f"shared answer {share.message_id} taken back", viewer())
    return lead_to("shares.index", "The link no longer works.", chat_id=chat.id)


def token_of(share: Share) -> str:
    """The end of its link. All processes derive the same one from SECRET_KEY."""
    named = f"shared answer {share.id} {share.nonce}"
    digest = hmac.digest(current_app.config["SECRET_KEY"].encode(), named.encode(), "sha256")
    return f"{share.id}-{urlsafe_b64encode(digest).decode().rstrip('=')}"


def with_token(token: str) -> Share | None:
    """The share with this link, as long as it works."""
    id = token.partition("-")[0]
    share = db.session.get(Share, int(id)) if id.isascii() and id.isdigit() and len(id) < 10 else None
    if share is None or not hmac.compare_digest(token_of(share).encode(), token.encode()):
        return None
    return share if share.works else None


member_routes(bp, "/shares/<int:id>", destroy=destroy)
