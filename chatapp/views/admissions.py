"""What administrators decide about signing up and inviting."""

from flask import Blueprint

from chatapp import audit
from chatapp.authentication import administrator
from chatapp.edge import OnceCommitted
from chatapp.forms import AdmissionForm
from chatapp.models import Admission

from . import invitations, lead_to

bp = Blueprint("admissions", __name__)


@bp.post("/admission")
def update():
    admin = administrator()
    form = AdmissionForm()
    if not form.validate():
        return invitations.page(invitations.blank_form(admin, formdata=None), form), 422
    Admission.decide(form.signup.data, " ".join(form.domain_list), form.inviters.data)
    audit.note_once_committed(f"sign-up set to {form.signup.data}, invitations by {form.inviters.data}", admin)
    return OnceCommitted(lead_to, "invitations.index", "Saved.")
