"""Whose commits are announced: those of the sessions that `Turbo.init_app` was given, and nobody else's."""

import subprocess
import sys

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from chatapp.turbo import Turbo, after_commit, announcements, transactions
from chatapp.turbo.testing import captured_broadcasts

from .blog import Comment, create_blog, db, write

EVENTS = {
    "before_flush": announcements._prepare,
    "after_flush": announcements._collect_flushed,
    "before_commit": announcements._announce,
    "after_commit": transactions._run,
}


def test_a_session_of_another_factory_announces_nothing_and_is_not_touched(comment):
    elsewhere = sessionmaker(db.engine)
    for make in (lambda: Session(db.engine), elsewhere):
        with captured_broadcasts() as broadcasts, make() as session:
            session.get(Comment, comment.id).text = "Said elsewhere"
            session.commit()
        assert broadcasts == [] and session.info == {}
    for name, listener in EVENTS.items():
        assert event.contains(db.session.session_factory.class_, name, listener)
        assert not event.contains(Session, name, listener)
        assert not event.contains(elsewhere.class_, name, listener)


def test_each_change_is_announced_once_however_many_apps_a_process_creates(blog, post, redis):
    for _ in range(2):
        another = create_blog("sqlite://", redis.url, turbo=Turbo())
        another.extensions["turbo"].publisher.redis.close()
    before = post.revision
    with captured_broadcasts() as broadcasts:
        write(post, "Hello")
    assert [broadcast.revision for broadcast in broadcasts] == [before + 1]


def test_to_wait_for_the_commit_of_a_session_that_nobody_listens_to_is_refused(blog):
    with Session(db.engine) as session, pytest.raises(TypeError, match="not of the factory"):
        after_commit(session, lambda: None)


def test_sessions_that_can_not_be_told_from_others_are_refused():
    with pytest.raises(TypeError, match="no sessionmaker"):
        announcements.listen(lambda: Session())


def test_importing_the_library_listens_to_nothing_and_starts_nothing():
    script = (
        "import threading, chatapp.turbo\n"
        "from sqlalchemy.orm import Session\n"
        "assert threading.active_count() == 1\n"
        "assert not any(getattr(Session.dispatch, name)._clslevel.get(Session) for name in {names!r})\n"
    )
    subprocess.run([sys.executable, "-c", script.format(names=list(EVENTS))], check=True)
