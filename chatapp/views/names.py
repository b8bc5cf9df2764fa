"""Changing the viewer's name."""

from flask import Blueprint

from chatapp import audit
from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter
from chatapp.forms import NameForm

from . import lead_to
from .profiles import page

bp = Blueprint("names", __name__, url_prefix="/profile/name")


@bp.post("")
@limiter.limit("10 per minute; 30 per hour")
def update():
    form, user = NameForm(), viewer()
    if not form.validate():
        return page(name_form=form), 422
    user.rename(form.name.data)
    audit.note_once_committed("change of name", user)
    return OnceCommitted(lead_to, "profiles.show", "Your name is changed.")
