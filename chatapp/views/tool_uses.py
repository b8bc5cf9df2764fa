"""One use of a tool by an assistant: what it was given, and what it found."""

from flask import Blueprint, Response, render_template, request

from chatapp.authentication import viewer
from chatapp.models import Message, ToolUse
from chatapp.models.reach import OutOfReach

bp = Blueprint("tool_uses", __name__)


@bp.get("/messages/<int:message_id>/uses/<int:use_id>")
def show(message_id: int, use_id: int):
    """A page; with ``?from=120`` only the text after that many characters, for a page that shows the rest already."""
    message = Message.find(message_id, viewer())
    use = use_of(message, use_id)
    shown = request.args.get("from", type=int)
    if shown is None:
        return page(message, use)
    return Response(use.text[max(0, shown) :], mimetype="text/plain", headers={"Cache-Control": "no-store"})


def page(message: Message, use: ToolUse) -> str:
    """The page of a use, with the choice for people who may decide."""
    may = viewer().can_write(message.chat) and message.is_decided_by(viewer())
    return render_template("tool_uses/show.html", message=message, use=use, may_decide=may)


def use_of(message: Message, id: int) -> ToolUse:
    """Raises OutOfReach."""
    use = message.use(id)
    if use is None:
        raise OutOfReach
    return use
