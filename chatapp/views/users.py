"""Signing up."""

from hashlib import sha256

from flask import Blueprint, Response, current_app, g, redirect, render_template, request

from chatapp import audit
from chatapp.authentication import acting, asks_for_setup_token, log_in, page_after_login, public, setup_token
from chatapp.edge import OnceCommitted, release_connection
from chatapp.extensions import limit_probes, limiter, network
from chatapp.forms import FounderForm, UserForm
from chatapp.helpers import path_to
from chatapp.lib.passwords import Busy
from chatapp.models import Admission, Invitation, User
from chatapp.models.admission import INVITATION
from chatapp.models.invitation import Spent
from chatapp.models.user import Taken

from . import acceptances
from .sessions import logged_in

bp = Blueprint("users", __name__)

YEAR = 31_536_000  # seconds
TAKEN = "There is an account with this e-mail already. Log in instead."
BY_INVITATION = "Sign-up is by invitation. Ask somebody who is here for a link."
BUSY = "Too many people are signing up or logging in at this moment. Type a password and try again."


@bp.get("/signup")
@public
def new():
    if acting():
        return redirect(page_after_login(), 303)
    return page(blank_form())


@bp.post("/signup")
@public
@limiter.limit(lambda: current_app.config["SIGNUP_RATE"], key_func=network)
@limit_probes
def create():
    form, invitation = blank_form(), acceptances.invited()
    if not form.validate() or not is_admitted(form, invitation):
        return refused(form)
    release_connection()  # hashing takes time, and other requests need the connection meanwhile
    try:
        founder = form.founder or current_app.config["SETUP_WITHOUT_TOKEN"]
        user = User.sign_up(form.name.data, form.email.data, form.password.data, founder)
    except Busy:
        form.password.errors = [BUSY]
        return refused(form, 503)
    except Taken:
        g.tells_of_account = True
        form.email.errors = [TAKEN]
        return refused(form)
    audit.note_once_committed("sign-up of an administrator" if user.admin else "sign-up", user)
    try:
        return OnceCommitted(logged_in, user, log_in(user), landing(user, invitation))
    except Spent:
        form.email.errors = [acceptances.ENDED]
        return refused(form)


def landing(user: User, invitation: Invitation | None) -> str | None:
    """Where a new account begins: where the invitation leads, or for the first administrator at the place,
    which needs a name."""
    if invitation:
        return acceptances.landing(invitation, user, is_new=True)
    return path_to("places.show") if user.admin else None


def is_admitted(form: UserForm, invitation: Invitation | None) -> bool:
    """Whether this person may sign up: by an invitation, by the address, or because there is no administrator yet."""
    admission = Admission.now()
    if invitation or way_to_first_admin() or admission.admits(form.email.data):
        return True
    domains = ", ".join(admission.domains.split())
    form.email.errors = [f"Sign-up is for addresses at {domains}." if domains else BY_INVITATION]
    return False


def refused(form: UserForm, status: int = 422):
    return page(form), status


def page(form: UserForm) -> str:
    """The form, or how to get an invitation where one is needed."""
    invitation, admission = acceptances.invited(), Admission.now()
    closed = admission.signup == INVITATION and not invitation and not way_to_first_admin()
    if closed:
        return render_template("users/closed.html", ended="invitation" in request.values)
    shown = {"invitation": invitation, "token": request.values.get("invitation", ""), "admission": admission}
    return render_template("users/new.html", form=form, **shown)


def blank_form() -> UserForm:
    return FounderForm(setup_token()) if asks_for_setup_token() else UserForm()


@bp.app_context_processor
def for_layout() -> dict:
    return {
        "style_version": style_version,
        "way_to_first_admin": way_to_first_admin,
        "sign_up_is_closed": lambda: Admission.now().signup == INVITATION,
    }


def way_to_first_admin() -> str | None:
    """How a visitor becomes the first administrator, by "token" or "account"; None where there is one already."""
    if asks_for_setup_token():
        return "token"
    return "account" if User.admin_is_missing() else None


@bp.get("/users/<int:id>.css")
@public
def style(id: int):
    """Marks what is the viewer's own, so that the fragments, which everybody gets, need not know."""
    response = Response(style_of(id), mimetype="text/css")
    response.cache_control.private = True
    if request.args.get("v") == style_version(id):
        response.cache_control.max_age = YEAR
    else:  # the page of another release asks, and its address names a version that this process does not have
        response.cache_control.no_store = True
    return response


def style_version(id: int) -> str:
    """The version of the style in its address. It changes with the content, so that a browser may keep it."""
    return sha256(style_of(id).encode()).hexdigest()[:12]


def style_of(id: int) -> str:
    return (
        f'[data-author-id="{id}"]{{--message-side:flex-end;--message-direction:row-reverse;'
        "--message-outer-corner:var(--radius-bubble);--message-inner-corner:0.375rem;"
        "--message-background:var(--own-background);"
        "--message-ink:var(--own-ink);--message-own-actions:flex;--message-others-only:none}"
        f'[data-user-id="{id}"]{{--own-only:inline;--others-only:none}}'
        f'[data-user-ids~="{id}"]{{--react:none;--withdraw:inline-flex;--reaction-background:var(--surface-chosen);'
        "--reaction-line:var(--accent)}"
        f'[data-person-id="{id}"]{{display:none}}'
        f'[data-person-id="{id}"]:first-child+[data-person-id]{{--comma:none}}'
        f'[data-mention-id="{id}"]{{--mention-background:var(--mention-own);--mention-ink:var(--mention-own-ink)}}'
    )
