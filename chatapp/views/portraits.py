"""The picture of a person: changing one's own, and seeing those of others."""

from flask import Blueprint, abort

from chatapp.authentication import viewer
from chatapp.bodies import body_with_picture
from chatapp.edge import OnceCommitted, release_connection
from chatapp.extensions import limiter
from chatapp.forms import PortraitForm
from chatapp.forms.accounts import NO_PICTURE
from chatapp.lib.file_names import disposition
from chatapp.lib.pictures import Busy, squared
from chatapp.models import User
from chatapp.models.attachment_limits import PIXELS

from . import lead_to, member_routes
from .attachments import served
from .profiles import page

bp = Blueprint("portraits", __name__)

#: Pixels of each side: the largest place takes half of them, for sharp screens.
SIDE = 192
YEAR = 31_536_000  # seconds
BUSY = "Other pictures are being made at this moment. Choose yours again and save it in a moment."
limited = limiter.limit("10 per minute; 30 per hour")


@bp.get("/users/<int:user_id>/portraits/<version>")
def show(user_id: int, version: str):
    """The version is there so that browsers may keep what they have. An older one leads to the present picture."""
    user = User.person(user_id) or abort(404)
    if user.portrait_key is None:
        abort(404)
    response = served(user.portrait_key, "image/webp", disposition("portrait.webp", inline=True))
    if version == user.portrait_version:
        response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    return response


@body_with_picture
def update():
    form, user = PortraitForm(), viewer()
    if not form.validate():
        return page(portrait_form=form), 422
    release_connection()  # a picture takes seconds
    try:
        with squared(form.picture.data, form.media_type, PIXELS, SIDE) as path:
            if path is None:
                return refused(form, NO_PICTURE)
            with path.open("rb") as picture:
                user.portray(picture)
    except Busy:
        return refused(form, BUSY, 503)
    return OnceCommitted(lead_to, "profiles.show", "Your picture is changed.")


def destroy():
    viewer().portray(None)
    return OnceCommitted(lead_to, "profiles.show", "Your picture is removed.")


def refused(form: PortraitForm, reason: str, status: int = 422):
    form.picture.errors = [reason]
    return page(portrait_form=form), status


member_routes(bp, "/profile/portrait", update=update, destroy=destroy, limited=limited)
