"""Invitations: making them, showing their links, and taking them back. The links lead to acceptances.py."""

import hmac
from base64 import urlsafe_b64encode

import segno
from flask import Blueprint, abort, current_app, render_template, request
from sqlalchemy import func

from chatapp import audit
from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import db
from chatapp.forms import AdmissionForm, InvitationForm
from chatapp.helpers import path_to
from chatapp.models import Admission, Chat, Invitation, User

from . import id_in_query, lead_to, member_routes

bp = Blueprint("invitations", __name__, url_prefix="/invitations")

#: Chats to choose from, by their titles.
OFFERED_CHATS = 200


@bp.app_context_processor
def for_layout() -> dict:
    """Lets pages ask whether to offer an invitation."""
    return {"may_invite": lambda: Admission.now().lets_invite(viewer())}


@bp.get("")
def index():
    """``?chat_id=`` is the chat from whose page the viewer comes."""
    form = blank_form(inviter(), formdata=None)
    if (chat_id := id_in_query("chat_id")) and str(chat_id) in form.chats:
        form.chat_id.data = str(chat_id)
    return page(form)


@bp.post("")
def create():
    user = inviter()
    form = blank_form(user)
    if not form.validate():
        return page(form), 422
    invitation = Invitation.begin(user, form.uses.data, form.lasts, form.chat)
    audit.note_once_committed("invitation made", user)
    return OnceCommitted(lead_to_invitation, invitation)


def lead_to_invitation(invitation: Invitation):
    return lead_to("invitations.show", id=invitation.id)


@bp.get("/<int:id>")
def show(id: int):
    """The link is shown to its creator alone. To an administrator it would open closed chats."""
    invitation = Invitation.find(id, viewer())
    if invitation.creator_id != viewer().id:
        return render_template("invitations/show.html", invitation=invitation, link=None, picture=None)
    link = request.url_root.rstrip("/") + path_to("acceptances.new", token=token_of(invitation))
    picture = segno.make(link, error="m", micro=False).svg_data_uri(scale=5, border=3, light="white")
    return render_template("invitations/show.html", invitation=invitation, link=link, picture=picture)


def destroy(id: int):
    Invitation.find(id, viewer()).take_back()
    audit.note_once_committed(f"invitation {id} taken back", viewer())
    return lead_to("invitations.index", "The invitation is taken back. Its link no longer works.")


def inviter() -> User:
    return viewer() if Admission.now().lets_invite(viewer()) else abort(403, "Only administrators invite people here.")


def blank_form(user: User, **options) -> InvitationForm:
    own = Chat.of(user).where(Chat.direct_key.is_(None)).order_by(func.lower(Chat.title), Chat.id)
    return InvitationForm(list(db.session.scalars(own.limit(OFFERED_CHATS))), **options)


def page(form: InvitationForm, admission_form: AdmissionForm | None = None) -> str:
    admission_form = admission_form or AdmissionForm(formdata=None, obj=Admission.now())
    invitations = Invitation.made_by(viewer())
    return render_template("invitations/index.html", form=form, admission_form=admission_form, invitations=invitations)


def token_of(invitation: Invitation) -> str:
    """The end of its link. All processes derive the same one from SECRET_KEY."""
    named = f"invitation {invitation.id} {invitation.nonce}"
    digest = hmac.digest(current_app.config["SECRET_KEY"].encode(), named.encode(), "sha256")
    return f"{invitation.id}-{urlsafe_b64encode(digest).decode().rstrip('=')}"


def with_token(token: str) -> Invitation | None:
    """The invitation with this link, as long as it works."""
    id = token.partition("-")[0]
    invitation = db.session.get(Invitation, int(id)) if id.isascii() and id.isdigit() and len(id) < 10 else None
    if invitation is None or not hmac.compare_digest(token_of(invitation).encode(), token.encode()):
        return None
    return invitation if invitation.works else None


member_routes(bp, "/<int:id>", destroy=destroy)
