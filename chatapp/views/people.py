"""Finding people: the options of a list while the viewer types, and what the pages with such a list share."""

from flask import Blueprint, current_app, g, render_template, request

from chatapp.authentication import viewer
from chatapp.extensions import limiter, network, tells_of_account
from chatapp.forms.chats import OFFERED_IDS
from chatapp.models import Chat, User
from chatapp.models.people import People
from chatapp.models.presence import here

bp = Blueprint("people", __name__)


def typed() -> str:
    return request.args.get("q", "")


#: One rate limit for all pages that look for people,
limited = limiter.shared_limit(
    lambda: current_app.config["PEOPLE_RATE"], scope="people", exempt_when=lambda: "q" not in request.args
)
#: and one for whole addresses that nobody has.
limit_misses = limiter.limit(
    lambda: current_app.config["PROBE_RATE"],
    key_func=network,
    deduct_when=tells_of_account,
    exempt_when=lambda: "@" not in typed(),
)


@bp.get("/people")
@limited
@limit_misses
def index():
    """``?q=`` is the typed text. The people in ``user_ids`` and the members of the chat ``chat_id`` are left out."""
    chat_id = request.args.get("chat_id", type=int)
    chat = Chat.find(chat_id, viewer()) if chat_id is not None and 0 < chat_id < 2**31 else None
    people = found(ids_in_query(), chat)
    return render_template("people/_options.html", people=people, here=here(people, viewer()))


def ids_in_query() -> list[int]:
    """The ids of the people chosen already, OFFERED_IDS at most."""
    return [id for id in request.args.getlist("user_ids", type=int) if 0 < id < 2**31][:OFFERED_IDS]


def found(without: list[int], not_in: Chat | None = None) -> list[User]:
    """The people whom the viewer may mean by ``?q=``. A miss by address counts as a probe."""
    people = People(viewer(), typed(), without, not_in)
    result = people.found()
    g.tells_of_account = people.is_address and not result
    return result
