"""Where the link of an invitation leads. Opening it uses nothing up, because scanners of mail open every link."""

from flask import Blueprint, abort, flash, redirect, render_template, request

from chatapp import audit
from chatapp.authentication import acting, public, viewer
from chatapp.helpers import path_to
from chatapp.models import Invitation, User
from chatapp.models.invitation import Spent

from . import invitations

bp = Blueprint("acceptances", __name__)

ENDED = "This invitation has ended. Ask the person who sent it for a new one."


@bp.get("/invitations/<token>")
@public
def new(token: str):
    invitation = invitations.with_token(token) or abort(404, ENDED)
    if acting() is None:
        return redirect(path_to("users.new", invitation=token), 303)
    if invitation.bars(viewer()):
        abort(404, ENDED)
    return render_template("acceptances/new.html", invitation=invitation, token=token)


@bp.post("/invitations/<token>")
@public
def create(token: str):
    if acting() is None:
        return redirect(path_to("sessions.new", invitation=token), 303)
    invitation = invitations.with_token(token) or abort(404, ENDED)
    try:
        return redirect(landing(invitation, viewer()), 303)
    except Spent:
        abort(404, ENDED)


def invited() -> Invitation | None:
    """The invitation with which a visitor signs up or logs in."""
    return invitations.with_token(request.values.get("invitation", ""))


def landing(invitation: Invitation, user: User, is_new: bool = False) -> str:
    """Uses the invitation. Returns the path to which it leads. Raises Spent."""
    chat = invitation.accept(user, is_new)
    audit.note_once_committed(f"invitation {invitation.id} used", user)
    return path_to("chats.show", id=chat.id) if chat else path_to("chats.index")


def landing_after_login(user: User) -> str | None:
    """The same for a person with an account, who gets in even if the invitation has ended."""
    try:
        invitation = invited()
        return landing(invitation, user) if invitation else None
    except Spent:
        flash(ENDED, "notice")
        return None
