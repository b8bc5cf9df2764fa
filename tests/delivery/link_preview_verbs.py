"""What the direct process does with previews of links. See direct.py."""

from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, LinkPreview, Message, User
from chatapp.models.link_preview import Found


def link(chat: int, email: str, content: str, client_id: str, url: str) -> int:
    """The preview is under way, so that no worker fetches it."""
    found = db.session.get(Chat, chat)
    if db.session.scalar(select(LinkPreview).filter_by(url=url)) is None:
        db.session.add(LinkPreview(url=url, state="fetching"))
    found.link_previews = "always"
    message = found.post(User.with_email(email), content, client_id)
    db.session.commit()
    return message.id


def end_previews(good: bool) -> None:
    """What the jobs do in the end."""
    for preview in db.session.scalars(select(LinkPreview).filter_by(state="fetching")).all():
        preview.state = "waiting"
        for _ in preview.steps(lambda url: Found("A page", "", "example.com") if good else None):
            db.session.commit()


def remove_preview(message: int) -> None:
    db.session.get(Message, message).remove_link_preview()
    db.session.commit()


VERBS = {verb.__name__: verb for verb in (link, end_previews, remove_preview)}
