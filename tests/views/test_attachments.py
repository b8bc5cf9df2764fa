"""Messages with files by a plain form, and who gets the files in which way."""

import io
import re

import pytest
from sqlalchemy import select

from chatapp.extensions import db, storage
from chatapp.models import Attachment, Message
from tests.files import NAMES, NEVER_INLINE, SCRIPT, photo, picture

TEXT = b"0123456789" * 100


def send_files(visitor, chat, *files: tuple[str, bytes], content: str = "", **options):
    form = {"csrf_token": visitor.token, "content": content, **options}
    form["files"] = [(io.BytesIO(data), name) for name, data in files] or [(io.BytesIO(b""), "")]
    return visitor.open("POST", f"/chats/{chat.id}/messages", data=form, content_type="multipart/form-data")


def only() -> Attachment:
    return db.session.scalars(select(Attachment).where(Attachment.state.in_(["preparing", "ready"]))).one()


def address(attachment: Attachment) -> str:
    return f"/attachments/{attachment.id}/{attachment.name}"


@pytest.fixture
def file(bob, chat) -> Attachment:
    assert send_files(bob, chat, ("plan.txt", TEXT)).status_code == 303
    return only()


def test_files_and_text_arrive_as_one_message_without_scripts(alice, bob, chat):
    answer = send_files(bob, chat, ("plan.txt", TEXT), ("b.txt", b"b"), content="Both")
    assert answer.status_code == 303
    message = db.session.scalars(select(Message)).one()
    assert [file.name for file in message.attachments] == ["plan.txt", "b.txt"]
    page = alice.get(f"/chats/{chat.id}").text
    assert "Both" in page and "plan.txt</span>" in page and "1 kB" in page


def test_a_message_needs_a_text_or_a_file(bob, chat):
    assert send_files(bob, chat, ("plan.txt", TEXT)).status_code == 303
    answer = send_files(bob, chat)
    assert answer.status_code == 422 and "Write something first." in answer.text


def test_a_form_that_was_sent_twice_makes_one_message_and_keeps_its_files_once(bob, chat):
    for _ in range(2):
        assert send_files(bob, chat, ("plan.txt", TEXT), client_id="once-and-again").status_code == 303
    assert len(db.session.scalars(select(Message)).all()) == len(db.session.scalars(select(Attachment)).all()) == 1


def test_what_is_too_large_is_refused_and_the_text_stays(app, bob, chat, monkeypatch):
    monkeypatch.setitem(app.config, "ATTACHMENT_FILE_MB", 0.4)
    answer = send_files(bob, chat, ("big.bin", bytes(450_000)), content="Look at this")
    assert answer.status_code == 422 and "are possible." in answer.text and "Look at this" in answer.text
    assert db.session.scalars(select(Attachment)).all() == []


def test_a_body_with_files_is_read_for_somebody_with_a_log_in_only(anonymous, app, bob, chat, monkeypatch):
    big = ("big.bin", bytes(300_000))
    assert send_files(bob, chat, big).status_code == 303
    assert send_files(anonymous, chat, big).status_code == 413
    monkeypatch.setitem(app.config, "ATTACHMENT_MESSAGE_MB", 0)
    assert send_files(bob, chat, big).status_code == 413


def test_outsiders_get_no_file_and_learn_of_none(alice, bob, charlie, removed, anonymous, chat, file):
    assert alice.get(address(file)).data == TEXT
    for visitor in (charlie, removed):
        for path in (address(file), f"/attachments/{file.id}/thumbnail", f"/attachments/{file.id + 99}/x"):
            assert visitor.get(path).status_code == 404
    assert anonymous.get(address(file)).status_code == 303


def test_whoever_is_removed_gets_not_even_the_word_that_his_copy_is_still_good(bob, chat, file):
    etag = bob.get(address(file)).headers["ETag"]
    assert bob.get(address(file), headers={"If-None-Match": etag}).status_code == 304
    chat.dismiss(chat.membership_of(bob.user))
    db.session.commit()
    assert bob.get(address(file), headers={"If-None-Match": etag}).status_code == 404


def test_the_files_of_a_deleted_message_are_gone_at_once_and_their_bytes_soon(alice, bob, chat, file, work):
    key = file.key
    bob.turbo("DELETE", f"/messages/{file.message_id}")
    assert alice.get(address(file)).status_code == 404
    assert storage.head(key, 2000) == TEXT
    work()
    with pytest.raises(FileNotFoundError):
        storage.head(key, 1)


def test_a_file_is_never_run_by_a_browser(alice, bob, chat):
    send_files(bob, chat, *NEVER_INLINE.items())
    for file in db.session.scalars(select(Attachment)):
        headers = alice.get(address(file)).headers
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["Content-Disposition"].startswith("attachment; ")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["Cache-Control"] == "private, no-cache"


def test_a_name_is_shown_as_text_and_stays_out_of_the_headers(alice, bob, chat):
    names = [name for name in NAMES if "\0" not in name][:10]
    send_files(bob, chat, *((name, b"x") for name in names))
    page = alice.get(f"/chats/{chat.id}").text
    assert "<img src=x" not in page and "\u202e" not in page
    for file in db.session.scalars(select(Attachment)):
        shown = re.search(rf'href="(/attachments/{file.id}/[^"]+)"', page)[1]
        assert alice.get(shown).data == b"x"


@pytest.mark.parametrize(
    ("asked", "status", "data", "content_range"),
    [
        ("bytes=0-9", 206, TEXT[:10], "bytes 0-9/1000"),
        ("bytes=990-", 206, TEXT[990:], "bytes 990-999/1000"),
        ("bytes=-5", 206, TEXT[-5:], "bytes 995-999/1000"),
        ("bytes=5-5000", 206, TEXT[5:], "bytes 5-999/1000"),
        ("bytes=1000-", 416, None, "bytes */1000"),
        ("lines=1-2", 416, None, "bytes */1000"),
    ],
)
def test_players_get_the_part_that_they_ask_for(alice, file, asked, status, data, content_range):
    answer = alice.get(address(file), headers={"Range": asked})
    assert (answer.status_code, answer.headers.get("Content-Range")) == (status, content_range)
    assert data is None or answer.data == data


def test_a_part_of_another_version_comes_as_a_whole(alice, file):
    whole = alice.get(address(file))
    assert whole.headers["Accept-Ranges"] == "bytes" and whole.content_length == 1000
    part = {"Range": "bytes=0-9"}
    assert alice.get(address(file), headers=part | {"If-Range": whole.headers["ETag"]}).data == TEXT[:10]
    assert alice.get(address(file), headers=part | {"If-Range": '"other"'}).data == TEXT


def test_a_picture_has_its_place_at_once_and_its_thumbnail_after_a_job(alice, bob, chat, work):
    send_files(bob, chat, ("photo.jpg", photo(size=(1600, 1200), turned=6)))
    file = only()
    place = 'width="202" height="270"'
    page = alice.get(f"/chats/{chat.id}").text
    assert place in page and "is being prepared" in page and "/thumbnail" not in page
    for path in (address(file), f"/attachments/{file.id}/thumbnail"):
        answer = alice.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    work()
    page = alice.get(f"/chats/{chat.id}").text
    assert place in page and f'src="/attachments/{file.id}/thumbnail"' in page
    original, thumbnail = alice.get(address(file)), alice.get(f"/attachments/{file.id}/thumbnail")
    assert b"SecretCam" not in original.data and original.mimetype == "image/jpeg"
    assert original.headers["Content-Disposition"].startswith("inline; ")
    assert (thumbnail.mimetype, thumbnail.status_code) == ("image/webp", 200)


def test_what_only_looks_like_a_picture_becomes_a_file(alice, bob, chat, work):
    send_files(bob, chat, ("photo.png", picture()[:60] + SCRIPT))
    work()
    page = alice.get(f"/chats/{chat.id}").text
    assert 'class="attachment__file"' in page and "is being prepared" not in page
    assert alice.get(address(only())).headers["Content-Type"] == "application/octet-stream"


def test_a_file_that_the_storage_has_lost_is_not_found(alice, file):
    storage.delete(file.key)
    assert alice.get(address(file)).status_code == 404


def test_readers_of_an_open_chat_get_its_files(charlie, chat, file):
    chat.kind = "open"
    db.session.commit()
    assert charlie.get(address(file)).data == TEXT


def test_the_text_of_a_message_with_a_file_can_be_taken_away(bob, chat, file):
    assert bob.turbo("PATCH", f"/messages/{file.message_id}", {"content": ""}).status_code == 200
    assert bob.turbo("PATCH", f"/messages/{bob_s_text(bob, chat)}", {"content": ""}).status_code == 422


def bob_s_text(bob, chat) -> int:
    message = chat.post(bob.user, "Text")
    db.session.commit()
    return message.id


def test_the_archive_and_the_form_of_replies_take_files_as_others_do(bob, chat, message):
    assert send_files(bob, chat, ("plan.txt", TEXT), reply_to=str(message.id)).status_code == 303
    chat.archive()
    db.session.commit()
    assert send_files(bob, chat, ("plan.txt", TEXT)).status_code == 409
