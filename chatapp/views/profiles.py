"""The viewer's own profile and settings."""

from flask import Blueprint, render_template

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.forms import AddressForm, NameForm, PasswordForm, PortraitForm, ProfileForm
from chatapp.forms.base import Form

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


def page(**forms: Form) -> str:
    """The profile. A refused form takes the place of a new one of its kind."""
    user = viewer()
    new = {
        "form": lambda: ProfileForm(user, formdata=None),
        "name_form": lambda: NameForm(formdata=None, obj=user),
        "portrait_form": lambda: PortraitForm(formdata=None),
        "address_form": lambda: AddressForm(user, formdata=None),
        "password_form": lambda: PasswordForm(user, formdata=None),
    }
    return render_template("profiles/show.html", **{name: forms.get(name) or make() for name, make in new.items()})
