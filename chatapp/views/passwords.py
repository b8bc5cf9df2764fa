"""Changing the viewer's password."""

from flask import Blueprint, current_app

from chatapp import audit
from chatapp.authentication import acting, viewer
from chatapp.edge import OnceCommitted, release_connection
from chatapp.extensions import limiter
from chatapp.forms import PasswordForm
from chatapp.lib import passwords
from chatapp.models.user import PasswordChanged

from . import lead_to
from .profiles import page

bp = Blueprint("passwords", __name__, url_prefix="/profile/password")

WRONG = "This is not your password. Check it and try again."
BUSY = "Too many people are logging in at this moment. Try again in a moment."


@bp.post("")
@limiter.limit(lambda: current_app.config["LOGIN_RATE"])
def update():
    form = PasswordForm(viewer())
    if not form.validate():
        return refused(form)
    user, here = viewer(), acting().proof
    release_connection()  # hashing takes time, and other requests need the connection meanwhile
    try:
        if not passwords.belongs(form.current.data, user.password_hash):
            return refused(form, WRONG)
        user.change_password(form.password.data, here)
    except passwords.Busy:
        return refused(form, BUSY, 503)
    except PasswordChanged:
        return refused(form, WRONG)
    audit.note_once_committed("change of password", user)
    return OnceCommitted(lead_to, "profiles.show", "Your password is changed. You are logged out everywhere else.")


def refused(form: PasswordForm, reason: str = "", status: int = 422):
    if reason:
        form.current.errors = [reason]
    return page(password_form=form), status
