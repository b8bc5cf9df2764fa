"""Direct chats: beginning one, and the people of one."""

from flask import Blueprint, Response, abort, current_app, render_template, request

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter
from chatapp.forms import DirectForm
from chatapp.models import Chat, User
from chatapp.models.people import People
from chatapp.models.presence import here

from . import lead_to, people
from .favourites import own_line

bp = Blueprint("directs", __name__)


@bp.get("/directs/new")
@people.limited
@people.limit_misses
def new():
    """The address has the people chosen so far, so it works by links and forms alone."""
    return page([id for id in people.ids_in_query() if id != viewer().id])


@bp.post("/directs")
@limiter.limit(lambda: current_app.config["CHAT_RATE"])
def create():
    form = DirectForm(viewer())
    if not form.validate():
        return page(form.ids, form), 422
    return OnceCommitted(lead_to_chat, Chat.direct(viewer(), form.people))


def lead_to_chat(chat: Chat) -> Response:
    return lead_to("chats.show", id=chat.id)


def page(ids: list[int], form: DirectForm | None = None) -> str:
    chosen = [user for id in dict.fromkeys(ids) if (user := User.known(id)) and user.active]
    looks = "q" in request.args
    found = people.found([user.id for user in chosen]) if looks else People(viewer(), "", ids).found()
    return render_template(
        "directs/new.html",
        form=form or DirectForm(viewer(), formdata=None),
        chosen=chosen,
        found=found,
        here=here(found, viewer()),
        typed=people.typed(),
    )


@bp.get("/directs/<int:id>")
def show(id: int):
    chat = Chat.find(id, viewer())
    if not chat.is_direct:
        abort(404)
    shown = {"people": chat.people, "here": here(chat.people, viewer()), "member": chat.membership_of(viewer())}
    return render_template("directs/show.html", chat=chat, listed=own_line(chat), **shown)
