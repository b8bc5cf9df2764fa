"""Finds out who acts, and what proves it. Every view requires a log-in, unless it is marked ``@public``."""

import hmac
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, session
from flask_login import current_user, login_user, logout_user
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from . import audit, devices
from .edge import committed, release_connection
from .extensions import login_manager
from .helpers import path_to
from .lib import passwords
from .models import Place, Session, User
from .models.place import ShownPlace


class Acting(NamedTuple):
    """The person who acts, and the record that proves it. Only this module knows how a request names that record."""

    user: User
    proof: Session


def public(view):
    """Marks a view that anybody may use."""
    view.public = True
    return view


def init_app(app: Flask) -> None:
    # No view asks whether a log-in is fresh, and a cookie says nothing of the browser: the database knows the session.
    login_manager.session_protection = None
    login_manager.init_app(app)
    app.before_request(require_login)


def acting() -> Acting | None:
    """Returns the person who acts in this request, with the proof; None for a visitor."""
    if now := g.get("acting"):
        return now
    if not current_user.is_authenticated:
        return None
    if "acting" not in g:
        g.acting = proven(login_token())
    return g.acting


def viewer() -> User:
    """Returns the person who acts, whatever proves it. Answers 401 where nobody is logged in, or no longer."""
    return now.user if (now := acting()) else abort(401)


def administrator() -> User:
    """Returns the viewer. Answers 404 to everybody but administrators."""
    return viewer() if viewer().admin else abort(404)


def place() -> ShownPlace:
    """Returns the name and picture of this installation. They came with the log-in; a visitor costs one statement."""
    if now := acting():
        return now.proof.place
    if "place" not in g:
        g.place = Place.now()
    return g.place


def authenticate(email: str, password: str) -> User | None:
    """Returns the person with this e-mail and password. None does not tell which was wrong. Raises ``Busy``."""
    user = User.with_email(email)
    release_connection()  # hashing takes time, and other requests need the connection meanwhile
    if not passwords.belongs(password, user.password_hash if user else None) or not user.active:
        audit.note("log-in refused", user)
        return None
    if passwords.is_outdated(user.password_hash):
        with suppress(passwords.Busy):  # the next log-in replaces the hash instead
            user.password_hash = passwords.hash_of(password)
    return user


def log_in(user: User) -> str:
    """Start a session for ``user``, in place of this browser's. Returns the token for ``give_cookie``."""
    if before := acting():
        before.proof.end()
    audit.note_once_committed("log-in", user)
    return Session.start(user, request.user_agent.string, request.remote_addr or "")


def give_cookie(user: User, token: str) -> None:
    """Give the browser the proof of its session, once that is committed."""
    _forget()
    session.permanent = True
    user.login_token = token
    login_user(user)
    devices.remember(user)


def log_out(everywhere: bool = False) -> None:
    """End this session, or all sessions of this person. ``take_cookie`` follows once that is committed."""
    if now := acting():
        audit.note_once_committed("log-out everywhere" if everywhere else "log-out", now.user)
        now.user.log_out_everywhere() if everywhere else now.proof.end()


def take_cookie() -> None:
    """Take the proof of the session from the browser."""
    logout_user()
    _forget()


def _forget() -> None:
    session.clear()  # nothing stays that anybody put there before
    g.pop("acting", None)


@login_manager.user_loader
def load_user(token: str) -> User | None:
    """Flask-Login calls this with what the cookie holds."""
    g.acting = proven(token)
    return g.acting and g.acting.user


def proven(token: str) -> Acting | None:
    """Returns the owner of this token, as long as its session lasts and the account is active."""
    found = Session.with_token(token)
    return Acting(found.user, found) if found and found.user.active else None


def login_token() -> str | None:
    """What the visitor's cookie holds for ``proven``, or None. Does not ask the database."""
    return session.get("_user_id")


def is_public() -> bool:
    """Whether anybody may use the view that this request is for."""
    return getattr(current_app.view_functions.get(request.endpoint), "public", False)


def require_login() -> Response | None:
    # On a public view nobody is looked up: that takes the database, and /up must answer without one.
    if is_public():
        return None
    now = acting()
    return None if now and is_noted(now.proof) else ask_to_log_in()


def is_noted(used: Session) -> bool:
    """Note now and then that the session was used; False where somebody ended it elsewhere at this very moment.

    This is committed apart from what the view does, because it stays true where the view refuses or only reads.
    """
    if used.was_seen_lately:
        return True
    try:
        committed(used.see)
    except StaleDataError:
        return False
    session.modified = True  # the cookie lives on for its whole lifetime again
    return True


def ask_to_log_in() -> Response:
    """Scripts get a plain 401, people the log-in page. A page that does not exist looks the same to them."""
    if "text/vnd.turbo-stream.html" in request.headers.get("Accept", ""):
        abort(401, "You have been logged out. Log in again.")
    # After the log-in, the browser can return to a page, but not to a form that was sent or a part of a page.
    is_part = "Turbo-Frame" in request.headers or "text/event-stream" in request.headers.get("Accept", "")
    back_to = request.full_path.rstrip("?") if request.method == "GET" and not is_part else None
    return redirect(path_to("sessions.new", next=None if back_to == "/" else back_to), 303)


def setup_token() -> str:
    """The token that makes a new account the first admin. All processes derive the same one from SECRET_KEY."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), b"set-up token", "sha256").hexdigest()[:32]


def asks_for_setup_token() -> bool:
    return not current_app.config["SETUP_WITHOUT_TOKEN"] and User.admin_is_missing()


def show_setup_token(app: Flask) -> None:
    """Write the set-up token to the log when a server without an admin starts."""
    with app.app_context():
        try:
            wanted = asks_for_setup_token()
        except SQLAlchemyError:  # no database yet: show the token, which does nothing once there is an admin
            wanted = True
        if wanted:
            words = "There is no administrator yet. Who signs up at /signup with this set-up token becomes one: %s"
            app.logger.warning(words, setup_token())


def page_after_login() -> str:
    """Where the visitor was going, if that is a page of ours."""
    wanted = request.values.get("next", "")
    return wanted if is_path_of_ours(wanted) else path_to("chats.index")


def is_path_of_ours(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:  # such as "//["
        return False
    relative = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return relative and not parts.netloc and not parts.scheme
