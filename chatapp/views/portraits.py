"""The picture of a person or an assistant: changing the viewer's own, and seeing those of others.

The picture of the place goes the same way (place_pictures.py).
"""

from collections.abc import Callable
from typing import BinaryIO, Protocol

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

#: Pixels of each side. The largest place takes half of them; the rest is for sharp screens.
SIDE = 192
YEAR = 31_536_000  # seconds
BUSY = "Other pictures are being made at this moment. Choose yours again and save it in a moment."
limited = limiter.limit("10 per minute; 30 per hour")


@bp.get("/users/<int:user_id>/portraits/<version>")
def show(user_id: int, version: str):
    """The version lets browsers keep what they have. An older one leads to the present picture."""
    user = User.known(user_id)
    if user is None or user.portrait_key is None:
        abort(404)
    return portrait(user.portrait_key, is_newest=version == user.portrait_version)


def portrait(key: str, is_newest: bool):
    """The bytes of a picture. Browsers keep the one that the address names."""
    response = served(key, "image/webp", disposition("portrait.webp", inline=True))
    if is_newest:
        response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    return response


@body_with_picture
def update():
    saved = OnceCommitted(lead_to, "profiles.show", "Your picture is changed.")
    return portray(viewer(), lambda form: page(portrait_form=form), saved)


class Portrayed(Protocol):
    """A person, an assistant or the place."""

    def portray(self, picture: BinaryIO | None) -> None: ...


def portray(whose: Portrayed, shown: Callable[[PortraitForm], str], saved: OnceCommitted):
    """Give ``whose`` the picture that came with the form. ``shown`` renders the page of a refused form."""
    form = PortraitForm()
    if not form.validate():
        return shown(form), 422
    release_connection()  # a picture takes seconds
    try:
        with squared(form.picture.data, form.media_type, PIXELS, SIDE) as path:
            if path is None:
                form.picture.errors = [NO_PICTURE]
                return shown(form), 422
            with path.open("rb") as picture:
                whose.portray(picture)
    except Busy:
        form.picture.errors = [BUSY]
        return shown(form), 503
    return saved


def destroy():
    viewer().portray(None)
    return OnceCommitted(lead_to, "profiles.show", "Your picture is removed.")


member_routes(bp, "/profile/portrait", update=update, destroy=destroy, limited=limited)
