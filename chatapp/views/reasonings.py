"""What the model thought before a version of a reply."""

from flask import Blueprint, Response, render_template, request

from chatapp.authentication import viewer
from chatapp.models import Message, Reasoning
from chatapp.models.reach import OutOfReach

bp = Blueprint("reasonings", __name__)


@bp.get("/messages/<int:message_id>/versions/<int:number>/reasoning")
def show(message_id: int, number: int):
    """A page; with ``?from=120`` only the text after that many characters, for a page that shows the rest already."""
    message = Message.find(message_id, viewer())
    reasoning = Reasoning.behind(message, number)
    if reasoning is None:
        raise OutOfReach
    shown = request.args.get("from", type=int)
    if shown is None:
        return render_template("reasonings/show.html", message=message, reasoning=reasoning)
    return Response(reasoning.content[max(0, shown) :], mimetype="text/plain", headers={"Cache-Control": "no-store"})
