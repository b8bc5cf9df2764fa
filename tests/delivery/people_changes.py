"""What can change about people: in direct chats somebody writes, which others get with the message, or leaves; and
anybody may look different."""

import uuid

from .catalogue import DIRECT, change

NAMES = ("Ada", "Bob", "Cleo")


def author_and_others(step) -> tuple[str, list[str]]:
    """One of three, and one or both of the others."""
    author = NAMES[step.pick % 3]
    others = [name for name in NAMES if name != author]
    return author, (others[:1], others[1:], others)[step.pick // 3 % 3]


@change(4)
def write_directly(run, step) -> None:
    author, others = author_and_others(step)
    if step.where == DIRECT:
        emails = [run.world.email(name) for name in others]
        id = run.direct(step, "write_directly", email=run.world.email(author), emails=emails, content=step.text)
    else:
        answer = run.request(step, author, "POST", "/directs", {"user_ids": [run.ids[name] for name in others]})
        form = {"content": step.text, "client_id": uuid.UUID(int=run.random.getrandbits(128)).hex}
        answer = run.request(step, author, "POST", f"{answer.headers['location']}/messages", form)
        id = run.sent(answer) if answer.status_code == 201 else None
    if id:
        run.written_beside(id, author)


@change(2, DIRECT)
def leave_directly(run, step) -> None:
    author, others = author_and_others(step)
    emails = [run.world.email(name) for name in others]
    run.direct(step, "leave_directly", email=run.world.email(author), emails=emails)


@change(4, DIRECT)
def look_different(run, step) -> None:
    """By another name or another picture. Each name begins as it did, so that mentions still find it."""
    name = NAMES[step.pick % 3]
    called = (name, f"{name} <b>", f"{name} & Co.")[step.pick // 3 % 3]
    run.direct(step, "look_different", email=run.world.email(name), name=called, picture=step.pick // 9 % 3)
