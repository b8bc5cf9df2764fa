"""What people say about how they want their pages."""

from flask import Blueprint, render_template

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.forms import AddressForm, PasswordForm, ProfileForm

from . import lead_to

bp = Blueprint("profiles", __name__, url_prefix="/profile")


@bp.get("")
def show():
    return page()


@bp.post("")
def update():
    form = ProfileForm(viewer())
    if not form.validate():
        return page(form=form), 422
    form.populate_obj(viewer())
    return OnceCommitted(lead_to, "profiles.show", "Saved.")


def page(**filled) -> str:
    """The profile, with what was typed into ``form``, ``address_form`` or ``password_form``."""
    forms = {"form": ProfileForm, "address_form": AddressForm, "password_form": PasswordForm}
    blank = {name: Form(viewer(), formdata=None) for name, Form in forms.items() if name not in filled}
    return render_template("profiles/show.html", **blank, **filled)
