"""Logging in and out, and the list of the viewer's sessions."""

from flask import Blueprint, Response, current_app, redirect, render_template, request
from sqlalchemy import select

from chatapp.authentication import (
    acting,
    authenticate,
    give_cookie,
    log_in,
    log_out,
    page_after_login,
    public,
    take_cookie,
    viewer,
)
from chatapp.devices import account, known_device
from chatapp.edge import OnceCommitted
from chatapp.extensions import db, limiter, network
from chatapp.forms import SessionForm
from chatapp.lib.passwords import Busy
from chatapp.models import Session, User

from . import acceptances, lead_to, member_routes

bp = Blueprint("sessions", __name__)

#: What a browser forgets after a log-out. The cookies stay, because one of them marks the browser as known. The storage
#: stays, because a person whose session has expired may have unsent messages there.
CLEARED = '"cache"'

WRONG = "That e-mail and password do not belong together. Check both and try again."
BUSY = "Too many people are logging in at this moment. Try again in a moment."


def login_key() -> str:
    """Counts attempts for each account and network, so that people who share an address do not lock each other out."""
    return f"{known_device(typed_email()) or network()} {account_key()}"


def account_key() -> str:
    return account(typed_email())


def is_known_device() -> bool:
    return known_device(typed_email()) is not None


def typed_email() -> str:
    return request.form.get("email", "")


def typed_token() -> str:
    """The invitation that brings a person with an account here."""
    return request.values.get("invitation", "")


@bp.get("/login")
@public
def new():
    if acting():
        return redirect(page_after_login(), 303)
    return render_template("sessions/new.html", form=SessionForm(), next=page_after_login(), token=typed_token())


@bp.post("/login")
@public
@limiter.limit(lambda: current_app.config["LOGIN_RATE"], key_func=login_key)
@limiter.limit(lambda: current_app.config["LOGIN_ADDRESS_RATE"], key_func=network, exempt_when=is_known_device)
@limiter.limit(
    lambda: current_app.config["LOGIN_ACCOUNT_RATE"],
    key_func=account_key,
    exempt_when=is_known_device,
    deduct_when=lambda response: response.status_code == 422,
)
def create():
    form = SessionForm()
    if not form.validate():
        return refused(form)
    try:
        user = authenticate(form.email.data, form.password.data)
    except Busy:
        return refused(form, BUSY, 503)
    if user is None:
        return refused(form, WRONG)
    return OnceCommitted(logged_in, user, log_in(user), acceptances.landing_after_login(user))


def logged_in(user: User, token: str, landing: str | None = None) -> Response:
    """Leads to ``landing``, or else to where the visitor was going."""
    give_cookie(user, token)
    return redirect(landing or page_after_login(), 303)


def refused(form: SessionForm, reason: str = "", status: int = 422):
    if reason:
        form.password.errors = [reason]
    return render_template("sessions/new.html", form=form, next=page_after_login(), token=typed_token()), status


@bp.post("/logout")
@public
def destroy_current():
    log_out()
    return OnceCommitted(logged_out)


def destroy_all():
    log_out(everywhere=True)
    return OnceCommitted(logged_out)


def logged_out() -> Response:
    take_cookie()
    response = lead_to("sessions.new")
    response.headers["Clear-Site-Data"] = CLEARED
    return response


@bp.get("/sessions")
def index():
    own = select(Session).where(Session.within_reach(viewer().id)).order_by(Session.last_seen_at.desc())
    sessions = db.session.scalars(own).all()
    return render_template("sessions/index.html", sessions=sessions, current_session=acting().proof)


def destroy(id: int):
    Session.find(id, viewer()).end()
    return OnceCommitted(lead_to, "sessions.index", "Logged out there.")


member_routes(bp, "/sessions", destroy=destroy_all)
member_routes(bp, "/sessions/<int:id>", destroy=destroy)
