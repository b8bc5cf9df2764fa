"""What people say about how they want their pages."""

from flask import Blueprint, render_template

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.forms import PasswordForm, ProfileForm

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


def page(form: ProfileForm | None = None, password_form: PasswordForm | None = None) -> str:
    form = form or ProfileForm(viewer(), formdata=None)
    return render_template("profiles/show.html", form=form, password_form=password_form or blank())


def blank() -> PasswordForm:
    return PasswordForm(viewer(), formdata=None)
