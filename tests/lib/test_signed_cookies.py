from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from chatapp.lib.signed_cookies import SignedCookies


def test_cookies_are_read_by_the_keys_that_the_app_has_now():
    app, cookies = Flask(__name__), SignedCookies()
    assert cookies.get_signing_serializer(app) is None
    app.secret_key = "first"
    serializer = cookies.get_signing_serializer(app)
    signed = serializer.dumps({"_user_id": "token"})
    assert cookies.get_signing_serializer(app) is serializer
    app.secret_key = "second"
    assert not cookies.get_signing_serializer(app).loads_unsafe(signed)[0]
    app.config["SECRET_KEY_FALLBACKS"] = ["first"]
    assert cookies.get_signing_serializer(app).loads(signed) == {"_user_id": "token"}


def test_a_cookie_is_that_of_flask_and_a_changed_one_is_none():
    app = Flask(__name__)
    app.secret_key = "first"
    ours, flask = (kind().get_signing_serializer(app) for kind in (SignedCookies, SecureCookieSessionInterface))
    for _ in range(2):
        signed = ours.dumps({"_user_id": "token"})
        assert flask.loads(signed) == ours.loads(flask.dumps({"_user_id": "token"})) == {"_user_id": "token"}
        forged = signed[:-2] + ("AA" if signed[-2:] != "AA" else "BB")
        assert ours.loads_unsafe(forged)[0] is False and ours.loads_unsafe("x" + signed)[0] is False
