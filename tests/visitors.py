"""Browsers without scripts and without a server, one request at a time. For real HTTP see `tests/browserless.py`."""

import contextvars
import html
import re

from flask import has_app_context, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from chatapp import authentication
from chatapp.extensions import db
from chatapp.models import User

PASSWORD = "correct horse battery"
TURBO_STREAM = "text/vnd.turbo-stream.html"


class Visitor:
    """One browser: keeps cookies, and sends the CSRF token that it finds in the pages, as a real one does.

    With a ``user`` it logs in when it is first used.
    """

    def __init__(self, app, user=None):
        self.http: FlaskClient = app.test_client()
        self.user = user
        self._logged_in = user is None
        self._token: str | None = None

    @property
    def id(self) -> int:
        return self.user.id

    def log_in(self, user=None) -> "Visitor":
        """Begin a session as the log-in form does, without hashing; for the form itself see views/test_sessions.py."""
        self.user = user or self.user
        self._logged_in = True
        cookie, self._token = contextvars.Context().run(self._begin_session, self.user.id)
        with self.http.session_transaction() as own:
            own.clear()
            own.update(cookie)
        return self

    def _begin_session(self, user_id: int) -> tuple[dict, str]:
        with self.http.application.test_request_context("/login", environ_base=self.http.environ_base):
            user = db.session.get(User, user_id)
            token = authentication.log_in(user)
            db.session.commit()
            authentication.give_cookie(user, token)
            csrf_token = generate_csrf()
            return dict(session), csrf_token

    def get(self, path: str, **options) -> TestResponse:
        return self.open("GET", path, **options)

    def submit(self, path: str, form: dict | None = None, method: str | None = None, **options) -> TestResponse:
        """Send a form as a page without scripts does: PATCH and DELETE as ``_method``."""
        form = {"csrf_token": self.token} | ({"_method": method.lower()} if method else {}) | (form or {})
        return self.open("POST", path, data=form, **options)

    def turbo(self, method: str, path: str, form: dict | None = None, headers: dict | None = None) -> TestResponse:
        """Send a form as Turbo does."""
        own = {"Accept": f"{TURBO_STREAM}, text/html", "X-CSRFToken": self.token}
        return self.open(method, path, data=form, headers=own | (headers or {}))

    def send(self, chat, content: str, **form) -> TestResponse:
        return self.turbo("POST", f"/chats/{chat.id}/messages", {"content": content, **form})

    def open(self, method: str, path: str, **options) -> TestResponse:
        if not self._logged_in:
            self.log_in()
        # Read to its end and closed, as servers do; a stream that is read bit by bit is asked for with buffered=False.
        options.setdefault("buffered", True)
        # A context of its own: inside of the test's, the request would share its session and its viewer.
        answer = contextvars.Context().run(self.http.open, path, method=method, **options)
        if has_app_context():
            start_over()
        return answer

    def reload(self) -> "Visitor":
        """Read the token again from a page, because a log-in has changed it."""
        self._token = None
        return self

    @property
    def token(self) -> str:
        """The CSRF token of this browser: of its log-in, or from the meta tag of a page that it may see."""
        if not self._logged_in:
            self.log_in()
        if self._token is None:
            page = self.get("/login")
            page = page if page.status_code == 200 else self.get("/chats/new")
            self._token = html.unescape(re.search(r'name="csrf-token" content="([^"]+)"', page.text)[1])
        return self._token


def start_over() -> None:
    """Somebody else has written: what this test has read before is old."""
    db.session.rollback()
    db.session.expire_all()
