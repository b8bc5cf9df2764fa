"""Files that two processes change at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.models import Attachment, User
from chatapp.models.attachment_limits import MB, DoesNotFit, Limits

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
