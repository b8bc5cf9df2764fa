"""The place: its name, and the first steps of a new one. Its picture is in place_pictures.py."""

from flask import Blueprint, render_template

from chatapp import audit
from chatapp.authentication import administrator, place
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter
from chatapp.forms import PlaceForm, PortraitForm
from chatapp.models import Place
from chatapp.models.listing import none_yet

from . import lead_to

bp = Blueprint("places", __name__, url_prefix="/place")

limited = limiter.limit("30 per minute; 120 per hour")


@bp.app_context_processor
def for_layout() -> dict:
    """Lets pages show the place, and whether it is a new one. Pages that must not ask the database have neither."""
    return {"place": place, "place_is_new": none_yet}


@bp.get("")
def show():
    administrator()
    return page()


@bp.route("", methods=["POST", "PATCH"])
@limited
def update():
    admin, form = administrator(), PlaceForm()
    if not form.validate():
        return page(form), 422
    Place.rename(form.name.data)
    audit.note_once_committed("name of the place changed", admin)
    if none_yet():
        return OnceCommitted(lead_to, "invitations.index", "Saved.")
    return OnceCommitted(lead_to, "places.show", "Saved.")


def page(form: PlaceForm | None = None, portrait_form: PortraitForm | None = None) -> str:
    """The page with both forms, one of which may be a refused one."""
    form = form or PlaceForm(formdata=None, data={"name": Place.chosen_name()})
    portrait_form = portrait_form or PortraitForm(formdata=None)
    return render_template("places/show.html", form=form, portrait_form=portrait_form, is_new=none_yet())
