import io
from datetime import timedelta

import pytest

from chatapp.extensions import db, storage
from chatapp.jobs.faces import remove_portrait
from chatapp.models import Place, Session
from chatapp.models.attachment_sweep import AttachmentSweep
from chatapp.models.listing import none_yet
from chatapp.models.place import ShownPlace
from tests.queries import statements

PICTURE = b"RIFF0000WEBP"


def portray() -> str:
    Place.portray(io.BytesIO(PICTURE))
    db.session.commit()
    return Place.now().picture_key


def is_kept(key: str) -> bool:
    try:
        storage.open(key).close()
    except FileNotFoundError:
        return False
    return True


def test_a_place_without_a_name_is_called_plainwire(app):
    assert Place.now() == ShownPlace("Plainwire", None)
    Place.rename("Harbour")
    db.session.commit()
    assert Place.now() == ShownPlace("Harbour", None)
    Place.rename("")
    db.session.commit()
    assert (Place.now().name, Place.chosen_name()) == ("Plainwire", "")


def test_a_name_keeps_the_picture_and_a_picture_keeps_the_name(app):
    key = portray()
    Place.rename("Harbour")
    db.session.commit()
    assert Place.now() == ShownPlace("Harbour", key)
    assert Place.now().picture_version == key[:16] != portray()[:16]
    assert Place.now().name == "Harbour"


def test_a_session_comes_with_its_user_and_the_place_in_one_statement(alice):
    Place.rename("Harbour")
    key = portray()
    token = Session.start(alice.user, "", "")
    db.session.commit()
    db.session.close()
    with statements() as seen:
        found = Session.with_token(token)
        assert (found.user.name, found.place) == ("Alice", ShownPlace("Harbour", key))
    assert len(seen) == 1


def test_a_session_is_found_before_anybody_has_named_the_place(alice):
    token = Session.start(alice.user, "", "")
    db.session.commit()
    assert Session.with_token(token).place == ShownPlace("Plainwire", None)


def test_the_file_of_a_replaced_or_removed_picture_goes_once_that_is_committed(app, work):
    first = portray()
    second = portray()
    work()
    assert (is_kept(first), is_kept(second)) == (False, True)
    Place.portray(None)
    db.session.rollback()
    work()
    assert is_kept(second)
    Place.portray(None)
    db.session.commit()
    work()
    assert not is_kept(second) and Place.now().picture_key is None


def test_neither_the_job_nor_the_sweep_removes_the_picture_that_is_shown(app, monkeypatch):
    key, lost = portray(), "0" * 32
    storage.put(lost, io.BytesIO(PICTURE))
    monkeypatch.setattr("chatapp.models.attachment_sweep.DAY", timedelta(days=-1))  # everything is old
    AttachmentSweep.compare()
    remove_portrait(key)
    assert (is_kept(key), is_kept(lost)) == (True, False)


@pytest.mark.usefixtures("chat")
def test_a_place_with_a_chat_is_not_new():
    assert not none_yet()


def test_a_place_without_a_chat_is_new(app):
    assert none_yet()
