from datetime import timedelta

from sqlalchemy import delete, func, select

from chatapp.extensions import db
from chatapp.models import Session
from chatapp.models.mixins.timestamps import now
from chatapp.models.session import LIFETIME, digest_of


def start(user) -> tuple[str, Session]:
    token = Session.start(user, "Browser", "10.0.0.1")
    db.session.commit()
    return token, Session.with_token(token)


def test_only_its_token_finds_a_session(alice):
    token, session = start(alice.user)
    assert session.user is alice.user
    assert Session.with_token(token + "x") is None
    assert Session.with_token(session.token_digest) is None


def test_a_token_can_not_be_guessed(alice):
    tokens = {start(alice.user)[0] for _ in range(5)}
    assert len(tokens) == 5 and all(len(token) >= 43 for token in tokens)


def test_being_seen_is_noted_only_now_and_then(alice):
    _, session = start(alice.user)
    assert session.was_seen_lately
    session.last_seen_at = now() - timedelta(minutes=11)
    assert not session.was_seen_lately
    session.see()
    assert session.was_seen_lately


def test_what_is_too_long_to_keep_is_cut(alice):
    Session.start(alice.user, "x" * 1000, "y" * 100)
    db.session.commit()
    session = db.session.scalars(select(Session)).one()
    assert (len(session.user_agent), len(session.ip_address)) == (300, 45)


def test_an_id_is_never_given_twice_because_open_streams_know_their_session_by_it(alice):
    _, first = start(alice.user)
    old = first.id
    db.session.execute(delete(Session))
    db.session.commit()
    assert start(alice.user)[1].id > old


def test_an_ended_session_is_gone(alice):
    token, session = start(alice.user)
    session.end()
    db.session.commit()
    assert Session.with_token(token) is None
    assert db.session.scalar(select(func.count(Session.id))) == 0


def test_only_expired_sessions_are_deleted(alice):
    tokens = [start(alice.user)[0] for _ in range(2)]
    Session.with_token(tokens[0]).last_seen_at = now() - LIFETIME - timedelta(seconds=1)
    db.session.commit()
    Session.delete_expired()
    db.session.commit()
    assert db.session.scalars(select(Session.token_digest)).all() == [digest_of(tokens[1])]
