"""The picture of the place, which administrators choose and everybody sees: it stands on the log-in page."""

from flask import Blueprint, abort

from chatapp import audit
from chatapp.authentication import administrator, public
from chatapp.bodies import body_with_picture
from chatapp.edge import OnceCommitted
from chatapp.models import Place

from . import lead_to, member_routes, places
from .portraits import limited, portrait, portray

bp = Blueprint("place_pictures", __name__, url_prefix="/place/picture")


@bp.get("/<version>")
@public
def show(version: str):
    """As with a person's picture, the version lets browsers keep what they have."""
    place = Place.now()
    return portrait(place.picture_key or abort(404), is_newest=version == place.picture_version)


@body_with_picture
def update():
    admin = administrator()
    saved = OnceCommitted(lead_to, "places.show", "The picture is changed.")
    answer = portray(Place, lambda form: places.page(portrait_form=form), saved)
    if answer is saved:
        audit.note_once_committed("picture of the place changed", admin)
    return answer


def destroy():
    audit.note_once_committed("picture of the place removed", administrator())
    Place.portray(None)
    return OnceCommitted(lead_to, "places.show", "The picture is removed.")


member_routes(bp, "", update=update, destroy=destroy, limited=limited)
