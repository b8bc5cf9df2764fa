"""Catching up: a summary of what was said in the viewer's absence, for the viewer alone."""

from flask import Blueprint, abort, render_template, request

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter
from chatapp.forms import SummaryForm
from chatapp.models import Chat
from chatapp.models.catch_up import CatchUp
from chatapp.models.opening import Opening

from . import lead_to, member_routes
from .members import only_members

bp = Blueprint("summaries", __name__, url_prefix="/chats/<int:chat_id>")


@bp.get("/summary")
def show(chat_id: int):
    """The summary alone for the frame in the chat's page, which looks here until it is done; otherwise a page."""
    chat = only_members(Chat.find(chat_id, viewer()))
    template = "summaries/_summary.html" if "Turbo-Frame" in request.headers else "summaries/show.html"
    return render_template(template, chat=chat, opening=Opening(chat, viewer()))


@bp.post("/summaries")
@limiter.limit("6 per minute; 40 per hour")
def create(chat_id: int):
    form = SummaryForm()
    if not form.validate():
        abort(422, form.after_id.errors[0])
    chat = only_members(Chat.find(chat_id, viewer(), to_change=True))
    CatchUp(chat, viewer()).ask(form.since)
    return OnceCommitted(lead_to, "summaries.show", chat_id=chat.id)


def destroy(chat_id: int):
    chat = only_members(Chat.find(chat_id, viewer(), to_change=True))
    CatchUp(chat, viewer()).dismiss()
    # Without scripts it leads back to the chat. A frame takes its own part of that page, which is empty now.
    return OnceCommitted(lead_to, "chats.show", id=chat.id)


member_routes(bp, "/summary", destroy=destroy)
