import pytest

from chatapp.authentication import authenticate
from chatapp.extensions import db
from chatapp.models import User


@pytest.fixture
def who(app):
    """``who(email, password)`` is the id of the person that a log-in finds for them."""

    def who(email: str, password: str) -> int | None:
        with app.test_request_context("/login", method="POST"):
            user = authenticate(email, password)
            return user and user.id

    return who


def test_only_the_right_password_authenticates(who):
    user = User.sign_up("Dora", "dora@example.com", "long enough")
    db.session.commit()
    assert who("DORA@example.com", "long enough") == user.id
    for email, password in (("dora@example.com", "Long enough"), ("dora@example.com", ""), ("x@example.com", "x")):
        assert who(email, password) is None


def test_the_assistant_can_not_log_in(who):
    assistant = User.assistant()
    assistant.email = "assistant@example.com"
    db.session.commit()
    assert who("assistant@example.com", "") is None
    assert User.with_email("assistant@example.com") is None
