"""What others see of a person, and how pages are told of a change."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from chatapp.extensions import db, storage
from chatapp.jobs.sweeps import enqueue_untold_looks
from chatapp.models import Attachment, Chat, Face, User
from chatapp.models.attachment_limits import Limits
from chatapp.models.attachment_sweep import AttachmentSweep
from chatapp.models.deletion import Deletion
from chatapp.models.face import MANY
from chatapp.turbo.testing import captured_broadcasts
from tests.files import picture

PICTURE = picture("WEBP", (192, 192))


def catch_up(chat: Chat, cursor: int) -> str:
    return str(chat.catch_up(cursor, db.session()).html)


def rename(user: User, name: str) -> list:
    with captured_broadcasts() as broadcasts:
        user.rename(name)
        db.session.commit()
    return broadcasts


def portray(user: User, data: bytes | None = PICTURE) -> str | None:
    user.portray(io.BytesIO(data) if data else None)
    db.session.commit()
    return user.portrait_key


def faces() -> int:
    return db.session.scalar(select(func.count()).select_from(Face))


def names_in(html: str) -> list[str]:
    return re.findall(r"data-face-of=\"\d+\" [^>]*><bdi>(.*?)</bdi>", html)


def test_a_chat_is_told_of_a_name_once_however_many_messages_it_has(chat, alice):
    for number in range(30):
        chat.post(alice.user, f"Number {number}")
    db.session.commit()
    before = chat.revision
    told = rename(alice.user, "Alicia")
    assert [(b.stream, b.html.count("<turbo-stream")) for b in told] == [(chat.stream_name, 1), (f"user:{alice.id}", 1)]
    assert chat.revision == before + 1 and names_in(catch_up(chat, before)) == ["Alicia"]
    assert catch_up(chat, chat.revision) == ""


def test_a_chat_is_told_of_an_assistant_that_answered_there_without_being_a_member(chat, alice):
    """As the built-in one does. A chat where it never said anything shows it nowhere."""
    other = Chat.start(alice.user, "Other", assistant="always")
    assistant = User.assistant()
    chat.post(assistant, "Good morning")
    db.session.commit()
    told = rename(assistant, "Robin")
    assert chat.stream_name in [broadcast.stream for broadcast in told]
    assert other.stream_name not in [broadcast.stream for broadcast in told]
    assert names_in(catch_up(chat, chat.revision - 1)) == ["Robin"]


def test_each_chat_and_each_person_keeps_one_trace_whatever_the_number_of_changes(chat, alice):
    for name in ("Alicia", "Alison", "Alice"):
        rename(alice.user, name)
    assert faces() == 2  # the chat's, and the one of her own pages
    assert names_in(catch_up(chat, 0)) == ["Alice"]


def test_the_same_name_again_tells_nobody(chat, alice):
    assert rename(alice.user, "Alice") == []


def test_a_chat_that_she_has_left_shows_what_she_wrote_and_is_told(chat, alice, bob):
    chat.post(bob.user, "Hello")
    db.session.commit()
    chat.dismiss(chat.membership_of(bob.user))
    db.session.commit()
    assert chat.stream_name in [b.stream for b in rename(bob.user, "Robert")]


def test_chats_of_others_are_not_told(chat, alice, bob, charlie):
    other = Chat.start(charlie.user, "Others", kind="open")
    db.session.commit()
    streams = [b.stream for b in rename(alice.user, "Alicia")]
    assert streams == [chat.stream_name, f"user:{alice.id}"] and other.revision == 1


def test_the_list_follows_by_the_heads(chat, alice, bob):
    chat.post(alice.user, "Hello")
    direct = Chat.direct(bob.user, [alice.user])
    direct.post(bob.user, "Hi")
    db.session.commit()
    bob.get("/")  # remembers the heads
    rename(alice.user, "Alicia")
    page = bob.get("/").text
    assert page.count("Alicia</bdi>") == 2 and "Alice" not in page


def test_the_hidden_line_of_a_chat_that_is_being_deleted_follows(chat, alice, bob):
    chat.post(alice.user, "Hello")
    db.session.commit()
    Deletion(chat).begin()
    db.session.commit()
    assert bob.get("/").text.count("Alice</bdi>") == 1
    before = chat.head_revision
    rename(alice.user, "Alicia")
    assert bob.get("/").text.count("Alicia</bdi>") == 1
    assert chat.head_revision == before + 1  # so open pages hear of it


def test_the_header_of_a_direct_chat_follows(alice, bob):
    direct = Chat.direct(bob.user, [alice.user])
    db.session.commit()
    before = direct.revision
    rename(alice.user, "Alicia")
    html = catch_up(direct, before)
    assert "header_chat" in html and html.count("Alicia") >= 2


def test_a_page_that_gets_the_whole_list_forgets_older_faces(chat, alice):
    rename(alice.user, "Alicia")
    frame = chat.catch_up(-1, db.session())
    assert frame.full and names_in(frame.html) == []
    assert f'<turbo-stream action="replace" target="faces_chat_{chat.id}">' in frame.html


def test_who_is_in_many_chats_has_the_rest_told_by_a_job(chat, alice, work):
    others = [Chat.start(alice.user, f"Number {number}") for number in range(MANY + 3)]
    db.session.commit()
    told = rename(alice.user, "Alicia")
    assert len(told) == MANY + 1 and alice.user.told_look < alice.user.look
    work()
    db.session.rollback()
    db.session.refresh(alice.user)
    assert alice.user.told_look == alice.user.look == 1
    assert all(names_in(catch_up(chat, 0)) == ["Alicia"] for chat in (chat, *others))


def test_a_lost_job_is_queued_again(alice, work, monkeypatch):
    for number in range(MANY + 1):
        Chat.start(alice.user, f"Number {number}")
    db.session.commit()
    with monkeypatch.context() as lost:
        lost.setattr("chatapp.extensions.queue.enqueue", lambda *job: False)
        rename(alice.user, "Alicia")
    enqueue_untold_looks()
    work()
    assert db.session.get(User, alice.id, populate_existing=True).told_look == 1
    assert User.with_untold_look() == []


def test_remembered_rows_show_the_new_name_and_picture(chat, alice, bob, message):
    chat.post(bob.user, "@Alice, hello").react(alice.user, "🎉")
    db.session.commit()
    assert "Alice" in bob.get(f"/chats/{chat.id}").text
    rename(alice.user, "Alicia")
    portray(alice.user)
    page = bob.get(f"/chats/{chat.id}").text
    articles = "".join(re.findall("<article.*?</article>", page, re.DOTALL))
    assert "Alice" not in articles and "@Alicia</bdi>" in page
    assert f"/users/{alice.id}/portraits/{alice.user.portrait_version}" in page


def test_a_replaced_picture_leaves_nothing_behind(alice, chat, work):
    first, second = portray(alice.user), portray(alice.user)
    work()
    with pytest.raises(FileNotFoundError):
        storage.open(first)
    storage.open(second).close()
    assert portray(alice.user, None) is None
    work()
    with pytest.raises(FileNotFoundError):
        storage.open(second)


def test_the_sweep_knows_pictures_and_removes_those_without_a_person(alice, monkeypatch):
    key, lost = portray(alice.user), "0" * 32
    storage.put(lost, io.BytesIO(PICTURE))
    monkeypatch.setattr("chatapp.models.attachment_sweep.DAY", timedelta(days=-1))  # everything is old
    AttachmentSweep.compare()
    storage.open(key).close()
    with pytest.raises(FileNotFoundError):
        storage.open(lost)


def test_the_job_removes_no_file_that_a_record_knows(alice):
    from chatapp.jobs.faces import remove_portrait

    key = portray(alice.user)
    kept = Attachment.keep(alice.user, "a.txt", io.BytesIO(b"text"), Limits(file=9, message=9, day=9, files=1))
    db.session.commit()
    for known in (key, kept.key):
        remove_portrait(known)
        with storage.open(known) as file:
            assert file.read(1)


def test_a_chat_that_was_deleted_while_its_lock_was_waited_for_is_told_nothing(alice, chat):
    user = alice.user
    db.session.execute(delete(Chat).where(Chat.id == chat.id).execution_options(synchronize_session=False))
    Face.show(user, [chat, None])
    db.session.flush()
    assert list(db.session.scalars(select(Face.chat_id).filter_by(user_id=user.id))) == [None]
