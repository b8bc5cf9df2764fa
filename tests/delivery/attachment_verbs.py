"""What the direct process does with files. See direct.py."""

import io

from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Attachment, Chat, User
from chatapp.models.attachment_limits import MB, Limits
from tests.files import picture

ROOM = Limits(file=MB, message=MB, day=1000 * MB, files=10)
PNG = picture()


def attach(chat: int, email: str, content: str, client_id: str, count: int) -> int:
    """A picture first, then other files."""
    author, found = User.with_email(email), db.session.get(Chat, chat)
    names = ["view.png", *(f"file {n}.txt" for n in range(1, count))]
    kept = [Attachment.keep(author, name, io.BytesIO(PNG if n == 0 else b"x"), ROOM) for n, name in enumerate(names)]
    message = found.post(author, content, client_id, upload_ids=[file.id for file in kept])
    db.session.commit()
    return message.id


def settle_picture(message: int, broken: bool) -> None:
    """What the job does in the end."""
    query = select(Attachment).where(Attachment.message_id == message, Attachment.state == "preparing")
    for file in db.session.scalars(query):
        file.unprepared() if broken else file.prepared(file.size)
    db.session.commit()


VERBS = {verb.__name__: verb for verb in (attach, settle_picture)}
