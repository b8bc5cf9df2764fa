"""The list of one's chats beside every page."""

from flask import Blueprint, render_template, request

from chatapp.authentication import acting, viewer
from chatapp.models import Chat
from chatapp.models.listing import ListedChat, recently_active

bp = Blueprint("sidebars", __name__)


@bp.app_context_processor
def for_layout() -> dict:
    """The layout calls it, so a page without a sidebar asks the database nothing."""
    return {"sidebar_chats": sidebar_chats}


def sidebar_chats() -> list[ListedChat] | None:
    return recently_active(Chat.of(viewer())) if acting() else None


@bp.get("/sidebar")
def show():
    """The list alone: pages fetch it again when something was said."""
    return render_template("sidebars/show.html", chats=sidebar_chats(), open_chat_id=request.args.get("chat", type=int))
