"""The list of the viewer's chats beside every page."""

from flask import Blueprint

from chatapp.authentication import acting, viewer
from chatapp.models.chat_list import ChatList

bp = Blueprint("sidebars", __name__)


@bp.app_context_processor
def for_layout() -> dict:
    """The layout calls ``sidebar``, so a page without a sidebar asks the database nothing."""
    return {"sidebar": sidebar}


@bp.get("/sidebar")
def show():
    """Pages of the previous release fetch their list here. They get nothing new, and keep the list they have."""
    return "", 204


def sidebar() -> ChatList | None:
    return ChatList(viewer()) if acting() else None
