"""Leaving a chat."""

from flask import Blueprint, abort, render_template

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.forms import ManagerForm
from chatapp.models import Chat
from chatapp.models.departure import Departure

from . import lead_to

bp = Blueprint("departures", __name__, url_prefix="/chats/<int:chat_id>/departures")


@bp.get("/new")
def new(chat_id: int):
    return page(departure(chat_id), ManagerForm(formdata=None))


@bp.post("")
def create(chat_id: int):
    return leave(departure(chat_id))


def leave(departure: Departure):
    """Leaves the chat; or changes nothing, and asks for what has to be settled first."""
    form = ManagerForm()
    if not departure.leave(form.chosen_id):
        form.manager.errors = ["Choose who manages this chat after you."]
        return page(departure, form), 422
    return OnceCommitted(lead_to, "chats.index", f"You have left {departure.chat.title_for(viewer())}.")


def departure(chat_id: int) -> Departure:
    """The viewer's departure; 404 where the viewer is not a member."""
    chat = Chat.find(chat_id, viewer())
    return Departure(chat, viewer()) if chat.membership_of(viewer()) else abort(404)


def page(departure: Departure, form: ManagerForm) -> str:
    form.offer(membership.user for membership in departure.others)
    return render_template("departures/new.html", chat=departure.chat, departure=departure, form=form)
