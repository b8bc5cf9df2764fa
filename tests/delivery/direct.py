"""A process that changes the database with the models, as a console, a bot or a job does; no web process is asked.

It reads lines of JSON, `{"verb": "post", "arguments": {…}, "fault": "publish:twice"}`, and answers each with one.
"""

import json
import sys

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from chatapp.extensions import db
from chatapp.models import Chat, Membership, Message, Session, User
from chatapp.turbo import dom_id, render
from tests.delivery import (
    assistant_verbs,
    attachment_verbs,
    link_preview_verbs,
    list_verbs,
    own_verbs,
    text_verbs,
    tool_verbs,
    version_verbs,
)
from tests.delivery.faulty import arm, product

VERBS = list_verbs.VERBS | own_verbs.VERBS | attachment_verbs.VERBS | link_preview_verbs.VERBS
VERBS |= assistant_verbs.VERBS | version_verbs.VERBS | text_verbs.VERBS | tool_verbs.VERBS


def verb(function):
    VERBS[function.__name__] = function
    return function


@verb
def start_chat(
    email: str, members: list[str], assistant: str = "mentioned", title: str = "", kind: str = "closed"
) -> int:
    chat = Chat.start(User.with_email(email), title, kind, assistant)
    db.session.flush()
    for member in members:
        chat.admit(User.with_email(member))
    db.session.commit()
    return chat.id


@verb
def fill(chat: int, email: str, count: int) -> list[int]:
    """Many messages in one commit."""
    author = User.with_email(email)
    made = [Message(chat=db.session.get(Chat, chat), author=author, content=f"Message {n}") for n in range(count)]
    db.session.add_all(made)
    db.session.commit()
    return [message.id for message in made]


@verb
def post(chat: int, email: str, content: str, client_id: str | None = None) -> int:
    message = db.session.get(Chat, chat).post(User.with_email(email), content, client_id)
    db.session.commit()
    return message.id


@verb
def quote(chat: int, email: str, content: str, client_id: str, quoted: int) -> int:
    found = db.session.get(Chat, chat)
    message = found.post(User.with_email(email), content, client_id, Message.quotable(found, quoted))
    db.session.commit()
    return message.id


@verb
def command(line: list[str]) -> str:
    """The product's own command line."""
    return product.test_cli_runner().invoke(args=line).output


@verb
def edit(message: int, content: str) -> None:
    found = db.session.get(Message, message)  # None in a chat that was deleted
    if found and not found.deleted_at:
        found.edit(content)
    db.session.commit()


@verb
def delete(message: int) -> None:
    if found := db.session.get(Message, message):
        found.delete()
    db.session.commit()


@verb
def react(message: int, email: str, emoji: str) -> None:
    db.session.get(Message, message).react(User.with_email(email), emoji)
    db.session.commit()


@verb
def withdraw(message: int, email: str, emoji: str) -> None:
    db.session.get(Message, message).withdraw(User.with_email(email), emoji)
    db.session.commit()


@verb
def retitle(chat: int, title: str) -> None:
    db.session.get(Chat, chat).title = title
    db.session.commit()


@verb
def admit(chat: int, email: str) -> None:
    db.session.get(Chat, chat).admit(User.with_email(email))
    db.session.commit()


@verb
def dismiss(chat: int, email: str) -> None:
    found = db.session.get(Chat, chat)
    if membership := found.membership_of(User.with_email(email)):
        found.dismiss(membership)
    try:
        db.session.commit()
    except StaleDataError:  # somebody else did so just now
        db.session.rollback()


@verb
def deactivated(email: str) -> None:
    User.with_email(email).deactivate()
    db.session.commit()


@verb
def logged_out_elsewhere(email: str) -> None:
    user = User.with_email(email)
    for session in db.session.scalars(select(Session).where(Session.user_id == user.id)):
        session.end()
    db.session.commit()


@verb
def begin_reply(question: int) -> int | None:
    """The placeholder; None where there is nothing to answer, or the worker was quicker."""
    asked = db.session.get(Message, question)
    if asked.deleted_at or asked.reply or asked.author.kind == "assistant":
        return None
    reply = Message(chat=asked.chat, author=User.assistant(), question=asked, state="generating")
    reply.lease()
    db.session.add(reply)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return None
    return reply.id


@verb
def write(message: int, content: str) -> None:
    on_generating(message, lambda reply: reply.write(content))


@verb
def complete(message: int, content: str) -> None:
    on_generating(message, lambda reply: reply.complete(content))


@verb
def fail(message: int) -> None:
    on_generating(message, lambda reply: reply.fail("The model can't be reached right now."))


@verb
def stop(message: int) -> None:
    on_generating(message, lambda reply: reply.stop())


def on_generating(id: int, do) -> None:
    reply = db.session.get(Message, id)
    if reply.generating and not reply.deleted_at:
        do(reply)
    db.session.commit()


@verb
def state(chat: int) -> dict:
    """What is in the database, for the tests to look at."""
    rows = db.session.scalars(select(Message).where(Message.chat_id == chat).order_by(Message.id))
    messages = [
        {
            "id": m.id,
            "state": m.state,
            "content": m.content,
            "failure": m.failure,
            "is_reply": m.question_id is not None,
        }
        for m in rows
    ]
    members = db.session.scalar(select(db.func.count()).where(Membership.chat_id == chat))
    return {"revision": db.session.get(Chat, chat).revision, "messages": messages, "members": members}


@verb
def rendered(chat: int) -> dict[str, str]:
    """The header and the messages from the rows alone: no revision is asked, and no remembered HTML."""
    shown = db.session.scalars(Message.shown().where(Message.chat_id == chat)).unique()
    header = render("chats/_header.html", db.session.get(Chat, chat))
    return {"header": header} | {dom_id(message): render(Message.broadcast_partial, message) for message in shown}


@verb
def standing(chat: int, email: str) -> dict:
    """Whether somebody is a member, and how many messages of theirs have landed."""
    user = User.with_email(email)
    written = select(db.func.count()).where(Message.chat_id == chat, Message.author_id == user.id)
    is_member = db.session.get(Chat, chat).membership_of(user) is not None
    return {"member": is_member, "messages": db.session.scalar(written)}


@verb
def change(chat: int, kind: str) -> None:
    found = db.session.get(Chat, chat)
    found.change(found.title, kind, found.assistant)
    db.session.commit()


@verb
def unfinished() -> list[list]:
    """Questions without a reply, and replies without an end, wherever."""
    open_ends = or_(Message.reply_wanted, Message.state == "generating")
    rows = db.session.scalars(select(Message).where(open_ends, Message.deleted_at.is_(None)))
    return [[m.chat_id, m.id, m.state, m.attempts, m.question_id, str(m.leased_at)] for m in rows]


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        arm(asked.get("fault"))
        with product.app_context():
            try:
                answer = {"result": VERBS[asked["verb"]](**asked["arguments"])}
            except Exception as error:  # told to the test, which knows what to expect
                answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
