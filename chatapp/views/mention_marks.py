"""How far the viewer has seen the mentions on their page."""

from flask import Blueprint, Response, abort, current_app, request

from chatapp.authentication import viewer
from chatapp.extensions import limiter
from chatapp.forms import ReadForm
from chatapp.models import MentionMark

from . import lead_to
from .messages import TURBO_STREAM

bp = Blueprint("mention_marks", __name__)


@bp.post("/mentions/marks")
@limiter.limit(lambda: current_app.config["READ_RATE"])
def create():
    form = ReadForm()
    if not form.validate():
        abort(422, form.message_id.errors[0])
    MentionMark.locked(viewer()).see(form.last_read)
    if TURBO_STREAM in request.headers.get("Accept", ""):
        return Response(status=204, mimetype="text/plain")
    return lead_to("mentions.index")
