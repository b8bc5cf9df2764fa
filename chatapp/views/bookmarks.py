"""Bookmarks: a person's own list of messages, which nobody else sees."""

from flask import Blueprint, Response, abort, render_template, request

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import replica
from chatapp.models import Bookmark, ListedChat, Message
from chatapp.models.bookmark import TooManyBookmarks

from . import id_in_query, lead_to, member_routes
from .members import only_members
from .messages import TURBO_STREAM

bp = Blueprint("bookmarks", __name__)


@bp.get("/bookmarks")
@replica.view
def index():
    before = id_in_query("before")
    bookmarks, older = Bookmark.page_of(viewer(), before)
    return render_template("bookmarks/index.html", bookmarks=bookmarks, older=older, before=before)


@bp.post("/messages/<int:message_id>/bookmarks")
def create(message_id: int):
    message = bookmarkable(message_id)
    listed = ListedChat.locked(viewer(), message.chat)
    try:
        listed.keep(message)
    except TooManyBookmarks as refusal:
        abort(422, str(refusal))
    return OnceCommitted(marked, listed, 201)


def destroy(message_id: int):
    """Also removes the bookmark of a message that was deleted since."""
    bookmark = Bookmark.known(viewer(), message_id)
    message = bookmark.message if bookmark else bookmarkable(message_id)
    listed = ListedChat.locked(viewer(), message.chat)
    listed.drop(message_id)
    return OnceCommitted(marked, listed, 200)


def bookmarkable(id: int) -> Message:
    message = Message.find(id, viewer())
    only_members(message.chat)
    return message


def marked(listed: ListedChat, status: int) -> Response:
    """The mark in the viewer's list, which has the bookmarks; for a plain form, a redirect to all bookmarks."""
    if TURBO_STREAM in request.headers.get("Accept", ""):
        return Response(listed.mark_fragment(), status, mimetype=TURBO_STREAM)
    return lead_to("bookmarks.index")


member_routes(bp, "/messages/<int:message_id>/bookmark", destroy=destroy)
