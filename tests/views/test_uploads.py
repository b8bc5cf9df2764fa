"""Files that arrive in pieces before the message that they are sent with."""

import io
import re
from uuid import uuid4

import pytest

from chatapp import bodies
from chatapp.bodies import AT_ONCE, BYTES, PIECE
from chatapp.extensions import db, storage
from chatapp.models import Attachment
from tests.files import BOMBS, picture
from tests.queries import statements
from tests.visitors import TURBO_STREAM


def begin(visitor, size: int, name: str = "plan.txt") -> int:
    answer = visitor.turbo("POST", "/uploads", {"name": name, "size": str(size)})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Upload-Offset"] == "0"
    return int(answer.location.rpartition("/")[2])


def send_piece(visitor, id: int, offset: int, data: bytes):
    """As a page does, whose network may let only forms through."""
    form = {"csrf_token": visitor.token, "_method": "patch", "offset": str(offset)}
    files = {"piece": (io.BytesIO(data), "blob")}
    return visitor.open("POST", f"/uploads/{id}", data=form | files, headers={"Accept": TURBO_STREAM})


def patch(visitor, id: int, offset: int, data: bytes):
    headers = {"X-CSRFToken": visitor.token, "Upload-Offset": str(offset)}
    return visitor.open("PATCH", f"/uploads/{id}", data=data, content_type=BYTES, headers=headers)


def upload(visitor, data: bytes, name: str = "plan.txt") -> int:
    id = begin(visitor, len(data), name)
    answer = send_piece(visitor, id, 0, data)
    assert answer.status_code == 200, answer.text
    return id


def kept(id: int) -> bytes:
    with storage.open(db.session.get(Attachment, id).key) as file:
        return file.read()


def test_a_file_arrives_in_pieces_and_is_sent_with_a_text(bob, chat):
    id = begin(bob, 10)
    for offset, data in ((0, b"abcd"), (4, b"efg"), (7, b"hij")):
        answer = patch(bob, id, offset, data)
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (200, str(offset + len(data)))
    answer = bob.send(chat, "Here it is", upload_ids=str(id))
    assert answer.status_code == 201 and f"/attachments/{id}/plan.txt" in answer.text
    assert kept(id) == b"abcdefghij"


def test_whoever_comes_back_learns_how_much_is_there(bob):
    id = begin(bob, 10)
    send_piece(bob, id, 0, b"abcd")
    for method in ("HEAD", "GET"):
        assert bob.open(method, f"/uploads/{id}").headers["Upload-Offset"] == "4"
    # Where a proxy removes the header, the element tells.
    assert re.search(rf'<turbo-stream action="offset".*<template>{id} 4</template>', bob.get(f"/uploads/{id}").text)


@pytest.mark.parametrize("offset", ["3", "5", "-1", "x", "9" * 20, ""])
def test_a_piece_for_another_place_is_refused_and_the_right_place_named(bob, offset):
    id = begin(bob, 10)
    send_piece(bob, id, 0, b"abcd")
    answer = send_piece(bob, id, offset, b"zz")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "4")
    assert kept(id) == b"abcd"


def test_a_piece_that_was_written_and_not_noted_is_written_again(bob):
    id = begin(bob, 6)
    storage.append(db.session.get(Attachment, id).key, 0, b"abcdefgh")  # the process died before its commit
    send_piece(bob, id, 0, b"abc")
    assert kept(id) == b"abc"
    send_piece(bob, id, 3, b"def")
    assert kept(id) == b"abcdef"


def test_more_than_was_announced_is_refused(bob):
    id = begin(bob, 3)
    assert send_piece(bob, id, 0, b"abcd").status_code == 409
    assert db.session.get(Attachment, id).received == 0


def test_a_piece_has_768_kib_at_most(bob):
    id = begin(bob, 2 * PIECE)
    assert patch(bob, id, 0, bytes(PIECE)).status_code == 200
    assert patch(bob, id, PIECE, bytes(PIECE + 70 * 1024)).status_code == 413


def test_nobody_else_sees_or_sends_an_upload(alice, bob, charlie, chat):
    id = upload(bob, b"abc")
    assert alice.get(f"/uploads/{id}").status_code == 404
    assert send_piece(alice, id, 3, b"d").status_code == 404
    assert alice.submit(f"/uploads/{id}", method="delete").status_code == 404
    answer = alice.send(chat, "Mine", upload_ids=str(id))
    assert answer.status_code == 410 and "Choose it again" in answer.text
    assert bob.send(chat, "Mine", upload_ids=str(id)).status_code == 201


def test_an_upload_is_sent_once(bob, chat):
    id = upload(bob, b"abc")
    form = {"client_id": uuid4().hex, "upload_ids": str(id)}
    assert {bob.send(chat, "Once", **form).status_code for _ in range(3)} == {201}
    assert bob.send(chat, "Twice", upload_ids=str(id)).status_code == 410
    assert bob.get(f"/uploads/{id}").status_code == 404
    assert db.session.get(Attachment, id).message.content == "Once"


def test_an_unfinished_upload_is_not_sent(bob, chat):
    id = begin(bob, 10)
    assert bob.send(chat, "Half", upload_ids=str(id)).status_code == 410


@pytest.mark.parametrize("ids", ["x", "0", "-1", "1;2", "4000000000", "1,x"])
def test_bad_ids_are_refused_in_words(bob, chat, ids):
    answer = bob.send(chat, "Yes", upload_ids=ids)
    assert (answer.status_code, answer.text) == (422, "upload_ids takes the ids of uploads.")


def test_a_cancelled_upload_leaves_nothing(bob, work):
    id = upload(bob, b"abc")
    assert bob.turbo("DELETE", f"/uploads/{id}").status_code == 204
    work()
    with pytest.raises(FileNotFoundError):
        kept(id)


@pytest.mark.parametrize("size", ["", "x", "-1", "1.5", "9" * 30, "٣"])
def test_a_size_is_a_number(bob, size):
    assert bob.turbo("POST", "/uploads", {"name": "a", "size": size}).status_code == 422


def test_what_is_too_large_is_refused_before_it_is_sent(app, bob, monkeypatch):
    def words(size: int) -> str:
        return bob.turbo("POST", "/uploads", {"name": "a", "size": str(size)}).text

    monkeypatch.setitem(app.config, "ATTACHMENT_FILE_MB", 2)
    monkeypatch.setitem(app.config, "ATTACHMENT_DAY_MB", 3)
    assert words(0) == "This file is empty. Choose another one."
    assert words(2_000_001) == "This file has 2.1 MB. Up to 2 MB are possible."
    begin(bob, 2_000_000)
    assert words(1_500_000) == "You can send 3 MB of files within 24 hours. Try again later."


def test_a_day_counts_what_was_cancelled(app, bob, monkeypatch, work):
    monkeypatch.setitem(app.config, "ATTACHMENT_DAY_MB", 3)
    bob.turbo("DELETE", f"/uploads/{begin(bob, 2_000_000)}")
    work()
    assert bob.turbo("POST", "/uploads", {"name": "a", "size": "2000000"}).status_code == 422


def test_a_message_takes_some_files_and_not_all(app, bob, chat, monkeypatch):
    monkeypatch.setitem(app.config, "ATTACHMENT_MESSAGE_FILES", 2)
    ids = [str(upload(bob, b"abc")) for _ in range(3)]
    answer = bob.send(chat, "Three", upload_ids=",".join(ids))
    assert (answer.status_code, answer.text) == (
        422,
        "A message can have 2 files. Send the others in another message.",
    )
    monkeypatch.setitem(app.config, "ATTACHMENT_MESSAGE_MB", 0)
    assert "together" in bob.send(chat, "Two", upload_ids=",".join(ids[:2])).text


def test_more_ids_than_a_message_may_have_files_are_refused_before_any_is_looked_up(app, bob, chat):
    most = app.config["ATTACHMENT_MESSAGE_FILES"]
    ids = [str(id) for id in range(9001, 9002 + most)]
    sentence = f"A message can have {most} files. Send the others in another message."
    with statements() as seen:
        answer = bob.send(chat, "So many", upload_ids=",".join(ids))
        plain = bob.submit(f"/chats/{chat.id}/messages", {"content": "So many, by hand", "upload_ids": ",".join(ids)})
    assert (answer.status_code, answer.text) == (422, sentence)
    assert plain.status_code == 422 and sentence in plain.text and "So many, by hand</textarea>" in plain.text
    assert [statement for statement, _ in seen if "attachments.id IN" in statement] == []
    assert bob.send(chat, "As many", upload_ids=",".join(ids[:most])).status_code == 410
    assert bob.send(chat, "Twice the same", upload_ids=",".join(ids[:1] * 2 * most)).status_code == 410


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_when_its_header_is_here(bob, name):
    id = begin(bob, len(BOMBS[name]), name)
    answer = send_piece(bob, id, 0, BOMBS[name])
    assert answer.status_code == 422 and "too many pixels" in answer.text
    assert db.session.get(Attachment, id).state == "uploading"


def test_whatever_it_is_called_its_bytes_say_what_it_is(bob):
    png, text = upload(bob, picture(), "virus.exe"), upload(bob, b"<html>", "photo.png")
    assert db.session.get(Attachment, png).kind == "picture" and db.session.get(Attachment, text).kind == "file"


def test_a_piece_gives_its_turn_back_however_it_ends(app, bob, charlie):
    turns = app.extensions["turns of pieces"]
    id = begin(bob, 10)
    assert send_piece(bob, id, 0, b"abcd").status_code == 200
    assert send_piece(bob, id, 0, b"abcd").status_code == 409
    assert send_piece(charlie, id, 4, b"ef").status_code == 404
    assert bob.open("PATCH", f"/uploads/{id}", data=b"ef", content_type="text/plain").status_code == 415
    assert bob.open("POST", f"/uploads/{id}", data={"offset": "4"}).status_code == 400  # without a token
    assert all(turns.acquire(blocking=False) for _ in range(AT_ONCE)) and not turns.acquire(blocking=False)
    turns.release(AT_ONCE)


def test_pieces_that_come_very_slowly_keep_no_other_from_arriving(app, bob, monkeypatch):
    monkeypatch.setattr(bodies, "TURN_WITHIN", 0.01)
    turns = app.extensions["turns of pieces"]
    assert all(turns.acquire(blocking=False) for _ in range(AT_ONCE))
    assert kept(upload(bob, b"abcd")) == b"abcd"
    assert not turns.acquire(blocking=False)
    turns.release(AT_ONCE)
