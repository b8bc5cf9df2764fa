"""Files that two processes change at the same moment."""

import io
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.jobs.sweeps import settle_attachments
from chatapp.models import Attachment, Chat, User
from chatapp.models.attachment import DAY, FilesGone
from chatapp.models.attachment_limits import MB, DoesNotFit, Limits
from chatapp.models.mixins.timestamps import now

ROOM = Limits(file=100 * MB, message=100 * MB, day=150 * MB, files=10)


def test_of_two_uploads_at_once_the_second_finds_no_room_left_in_the_day(app, bob, monkeypatch):
    both_have_looked, sent_lately = Barrier(2), Attachment.sent_lately

    def look_together(user) -> int:
        seen = sent_lately(user)
        with suppress(BrokenBarrierError):  # where the other one waits for this one's lock
            both_have_looked.wait(1)
        return seen

    def upload(id: int) -> str:
        with app.app_context():
            try:
                Attachment.begin(db.session.get(User, id), "plan.txt", 100 * MB, ROOM)
            except DoesNotFit:
                return "refused"
            db.session.commit()
            return "taken"

    monkeypatch.setattr(Attachment, "sent_lately", look_together)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(upload, [bob.id] * 2)) == ["refused", "taken"]
    assert db.session.scalar(select(func.sum(Attachment.size))) == 100 * MB


def test_an_upload_that_begins_leaves_the_row_of_its_person_free(database, bob):
    if database != "postgres":
        pytest.skip("SQLite locks no rows")
    Attachment.begin(bob.user, "plan.txt", MB, ROOM)
    with db.engine.begin() as other:
        assert other.scalar(select(User.id).where(User.id == bob.id).with_for_update(nowait=True, key_share=True))


@pytest.fixture
def old(bob) -> list[int]:
    """The ids of two uploads that nobody has sent within a day."""
    files = [Attachment.keep(bob.user, "plan.txt", io.BytesIO(b"abc"), ROOM) for _ in range(2)]
    for file in files:
        file.created_at = now() - DAY - timedelta(minutes=1)
    db.session.commit()
    return [file.id for file in files]


def states() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(select(Attachment.state).order_by(Attachment.id)))


def test_an_old_upload_that_is_being_sent_is_not_swept_away(bob, chat, old):
    chat.post(bob.user, "Here it is", upload_ids=old[1:])
    with ThreadPoolExecutor(1) as pool:
        sweep = pool.submit(settle_attachments)
        wait([sweep], 1)  # SQLite's sweep waits for the message
        db.session.commit()
        sweep.result(30)
    assert states() == ["discarded", "ready"]


def test_an_old_upload_that_is_being_swept_away_is_not_sent(app, bob, chat, old, monkeypatch):
    discard, chat_id, author_id = Attachment.discard, chat.id, bob.id
    sendings = []

    def send() -> str:
        with app.app_context():
            try:
                db.session.get(Chat, chat_id).post(db.session.get(User, author_id), "Here", upload_ids=old[1:])
            except FilesGone:
                return "gone"
            db.session.commit()
            return "sent"

    def discard_meanwhile(attachment) -> None:
        if not sendings:
            sendings.append(pool.submit(send))
            wait(sendings, 1)  # where it waits for the sweep
        discard(attachment)

    monkeypatch.setattr(Attachment, "discard", discard_meanwhile)
    with ThreadPoolExecutor(1) as pool:
        settle_attachments()
        assert sendings[0].result(30) == "gone"
    assert states() == ["discarded", "discarded"]
