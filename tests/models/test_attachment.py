"""Files of messages: what becomes of them, and what they cost."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from chatapp.extensions import db, queue, storage
from chatapp.jobs.attachments import prepare
from chatapp.jobs.sweeps import compare_storage, settle_attachments
from chatapp.models import Attachment, Chat, Conversation, Message
from chatapp.models.attachment import DAY, FilesGone
from chatapp.models.attachment_limits import MB, Limits, in_words
from chatapp.models.mixins.timestamps import now
from chatapp.turbo.testing import captured_broadcasts
from tests.files import photo, picture
from tests.queries import statements

ROOM = Limits(file=100 * MB, message=100 * MB, day=1000 * MB, files=10)


def keep(visitor, data: bytes = b"abc", name: str = "plan.txt") -> Attachment:
    return Attachment.keep(visitor.user, name, io.BytesIO(data), ROOM)


def post(chat, visitor, *files: Attachment, content: str = "") -> Message:
    message = chat.post(visitor.user, content, upload_ids=[file.id for file in files])
    db.session.commit()
    return message


def exists(attachment: Attachment) -> bool:
    try:
        return bool(storage.head(attachment.key, 1))
    except FileNotFoundError:
        return False


def grown_old(attachment: Attachment, age: timedelta = DAY) -> None:
    attachment.created_at = now() - age - timedelta(minutes=1)
    db.session.commit()


def test_a_file_is_part_of_what_its_message_announces(bob, chat):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        message = post(chat, bob, keep(bob), content="Look")
    assert len(broadcasts) == 1 and "plan.txt" in broadcasts[0].html
    assert message.first_attachment_id


def test_a_thumbnail_is_announced_as_a_change_of_its_message(bob, chat):
    message = post(chat, bob, keep(bob, photo()), keep(bob, picture()))
    with captured_broadcasts(chat.stream_name) as broadcasts:
        for file in message.attachments:
            prepare(file.id)
    assert len(broadcasts) == 2
    db.session.expire_all()
    assert broadcasts[-1].html.count("/thumbnail") == 2 and message.to_html() in broadcasts[-1].html


def test_a_job_that_runs_twice_changes_nothing_the_second_time(bob, chat):
    message = post(chat, bob, keep(bob, photo()))
    prepare(message.attachments[0].id)
    db.session.expire_all()
    revision = message.revision
    prepare(message.attachments[0].id)
    db.session.expire_all()
    assert message.revision == revision and message.attachments[0].state == "ready"


def test_a_picture_that_is_deleted_while_its_thumbnail_is_made_stays_deleted(bob, chat, monkeypatch, work):
    message = post(chat, bob, keep(bob, photo()))
    (file,) = message.attachments
    put = storage.put

    def meanwhile(key, source) -> None:
        put(key, source)
        if key == file.key:
            with db.engine.begin() as other:
                other.execute(update(Attachment).values(state="discarded", message_id=None))

    monkeypatch.setattr(storage, "put", meanwhile)
    prepare(file.id)
    db.session.expire_all()
    assert file.state == "discarded"


def test_the_text_and_the_revision_of_a_picture_on_another_disk(bob, chat):
    message = post(chat, bob, keep(bob, photo()))
    storage.delete(message.attachments[0].key)
    prepare(message.attachments[0].id)
    db.session.expire_all()
    assert message.attachments[0].kind == "file"


def test_a_file_is_sent_by_its_owner_and_once(alice, bob, chat):
    file = keep(bob)
    db.session.commit()
    with pytest.raises(FilesGone):
        chat.post(alice.user, "Mine", upload_ids=[file.id])
    db.session.rollback()
    post(chat, bob, file, content="Mine")
    with pytest.raises(FilesGone):
        chat.post(bob.user, "Again", upload_ids=[file.id])


def test_lists_and_quotes_name_the_files_of_a_message_without_text(alice, bob, chat):
    def words(*files) -> list[str]:
        message = post(chat, bob, *files)
        (head,) = Chat.read_heads([chat])
        return [message.words, head.words]

    assert words(keep(bob, name="plan.pdf")) == ["plan.pdf"] * 2
    assert words(keep(bob, picture()), keep(bob, picture())) == ["2 pictures"] * 2
    assert words(keep(bob, picture()), keep(bob)) == ["2 files"] * 2
    quote = chat.post(alice.user, "Thanks", quoted=db.session.scalars(select(Message).order_by(Message.id)).first())
    db.session.commit()
    assert "plan.pdf" in quote.to_html()


def test_a_chat_without_a_title_is_called_after_its_first_file(bob):
    chat = Chat.start(bob.user)
    db.session.flush()
    post(chat, bob, keep(bob, name="Budget 2027.xlsx"))
    assert chat.title == "Budget 2027.xlsx"


def test_the_assistant_reads_the_names_of_files(bob, chat):
    post(chat, bob, keep(bob, b"\0", name="a.pdf"), keep(bob, picture(), name="b.png"))
    question = post(chat, bob, keep(bob, b"\0", name="c.txt"), content="What is this?")
    said = [turn["content"] for turn in Conversation(question, "Prompt", 1000).messages()]
    assert said == ["Prompt", "[Attached: a.pdf, b.png]", "What is this?\n\n[Attached: c.txt]"]


def test_a_message_without_files_looks_as_before_and_asks_for_none(nothing_remembered, bob, chat):
    message = post(chat, bob, content="Hello")
    assert "attachment" not in message.to_html()

    def asked() -> list[str]:
        db.session.expunge_all()
        with statements() as seen:
            db.session.get(Chat, chat.id).render_messages()
        return [statement for statement, _ in seen if "FROM attachments" in statement]

    assert asked() == []
    for _ in range(3):
        post(chat, bob, keep(bob), keep(bob), content="Files")
    assert len(asked()) == 1


def test_a_deleted_message_has_its_files_removed_by_a_job_which_is_queued_again_when_it_was_lost(bob, chat, work):
    message = post(chat, bob, keep(bob))
    (file,) = message.attachments
    message.delete()
    db.session.commit()
    assert (file.state, file.message_id, file.name, message.attachments) == ("discarded", None, "", [])
    queue.redis.flushall()
    grown_old(file, timedelta(seconds=10))
    settle_attachments()
    work()
    assert not exists(file) and file.state == "removed"
    grown_old(file)
    settle_attachments()
    assert db.session.scalar(select(func.count(Attachment.id))) == 0


def test_an_upload_that_nobody_sends_goes_after_a_day(bob, chat, work):
    young, old, sent = keep(bob), keep(bob), keep(bob)
    post(chat, bob, sent)
    for file in (old, sent):
        grown_old(file)
    settle_attachments()
    work()
    assert [exists(file) for file in (young, old, sent)] == [True, False, True]


def test_a_picture_whose_job_was_lost_is_prepared_after_a_while(bob, chat, work):
    message = post(chat, bob, keep(bob, photo()))
    queue.redis.flushall()
    grown_old(message.attachments[0], timedelta(seconds=10))
    settle_attachments()
    work()
    assert message.attachments[0].state == "ready"


def test_a_picture_that_could_not_be_prepared_for_long_becomes_a_file(bob, chat):
    message = post(chat, bob, keep(bob, photo()))
    grown_old(message.attachments[0], timedelta(days=2))
    settle_attachments()
    db.session.expire_all()
    assert (message.attachments[0].state, message.attachments[0].kind) == ("ready", "file")


def test_the_comparison_removes_what_no_record_knows_and_what_has_no_message(bob, chat, monkeypatch, work):
    stray, sent, orphan = "0" * 32, post(chat, bob, keep(bob)), post(chat, bob, keep(bob))
    storage.put(stray, io.BytesIO(b"x"))
    # As a process of the previous release deletes it.
    db.session.execute(update(Message).where(Message.id == orphan.id).values(deleted_at=now()))
    db.session.commit()
    keys = storage.backend.keys
    monkeypatch.setattr(storage.backend, "keys", lambda older_than: keys(-1))
    compare_storage()
    work()
    with pytest.raises(FileNotFoundError):
        storage.head(stray, 1)
    assert exists(sent.attachments[0])
    assert db.session.scalars(select(Attachment.state).order_by(Attachment.id)).all() == ["ready", "removed"]


def test_a_young_file_without_a_record_stays_because_its_record_may_follow(app):
    storage.put("0" * 32, io.BytesIO(b"x"))
    compare_storage()
    assert storage.head("0" * 32, 1) == b"x"
    storage.delete("0" * 32)


def test_a_key_is_no_path(app):
    for key in ("../../etc/passwd", "0" * 31, "", "0" * 32 + "/x"):
        with pytest.raises(ValueError, match="is not the key of a file"):
            storage.head(key, 1)


@pytest.mark.parametrize(
    ("size", "words"), [(1, "1 kB"), (340_000, "340 kB"), (MB, "1 MB"), (MB + 1, "1.1 MB"), (100 * MB, "100 MB")]
)
def test_a_size_in_words_is_rounded_up(size, words):
    assert in_words(size) == words
