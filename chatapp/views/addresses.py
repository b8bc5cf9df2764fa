"""Changing the viewer's e-mail address."""

from flask import Blueprint, Response, current_app, g

from chatapp import audit, devices
from chatapp.authentication import acting, viewer
from chatapp.edge import OnceCommitted, release_connection
from chatapp.extensions import limit_probes, limiter
from chatapp.forms import AddressForm
from chatapp.lib import passwords
from chatapp.models import Admission, User
from chatapp.models.user import PasswordChanged, Taken

from . import lead_to
from .passwords import BUSY, WRONG
from .profiles import page

bp = Blueprint("addresses", __name__, url_prefix="/profile/address")

TAKEN = "There is another account with this address. Use a different one."
NOTICE = "Your address is changed. Log in with it from now on. You are logged out everywhere else."


@bp.post("")
@limiter.limit(lambda: current_app.config["LOGIN_RATE"])
@limit_probes
def update():
    form = AddressForm(viewer(), Admission.now())
    if not form.validate():
        return refused(form)
    user, here = viewer(), acting().proof
    release_connection()  # hashing takes time, and other requests need the connection meanwhile
    try:
        # Before the address is looked up, or a stranger at an open page could find out who has an account.
        if not passwords.belongs(form.proof.data, user.password_hash):
            return refused(form, proof=WRONG)
        user.change_address(form.email.data, here)
    except passwords.Busy:
        return refused(form, 503, proof=BUSY)
    except PasswordChanged:
        return refused(form, proof=WRONG)
    except Taken:
        g.tells_of_account = True
        return refused(form, email=TAKEN)
    audit.note_once_committed("change of address", user)
    return OnceCommitted(changed, user)


def changed(user: User) -> Response:
    devices.remember(user)  # devices are remembered by address
    return lead_to("profiles.show", NOTICE)


def refused(form: AddressForm, status: int = 422, **reasons: str):
    for name, reason in reasons.items():
        form[name].errors = [reason]
    return page(address_form=form), status
