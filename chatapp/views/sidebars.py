"""The list of one's chats beside every page."""

from flask import Blueprint

from chatapp.authentication import acting, viewer
from chatapp.models.chat_list import ChatList

bp = Blueprint("sidebars", __name__)


@bp.app_context_processor
def for_layout() -> dict:
    """The layout calls it, so a page without a sidebar asks the database nothing."""
    return {"sidebar": sidebar}


@bp.get("/sidebar")
def show():
    """Nothing new for pages of the previous release, which fetch their list here. They keep the one that they have."""
    return "", 204


def sidebar() -> ChatList | None:
    return ChatList(viewer()) if acting() else None
