"""The messages that mention the viewer, in all chats."""

from flask import Blueprint, render_template, request

from chatapp.authentication import viewer
from chatapp.extensions import replica
from chatapp.models import Mention, MentionMark

bp = Blueprint("mentions", __name__)


@bp.get("/mentions")
@replica.view
def index():
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < 2**31:
        before = None
    # Before the rows: what changes in between is marked as new once more, and nothing is missed.
    seen_id = MentionMark.seen_by(viewer())
    messages, older = Mention.messages_for(viewer(), before)
    return render_template("mentions/index.html", messages=messages, older=older, before=before, seen_id=seen_id)
