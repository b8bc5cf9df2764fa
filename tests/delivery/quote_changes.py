"""Messages that quote others, and changes of what is quoted."""

import uuid

from .catalogue import DIRECT, change


def popular(run, pick: int) -> int | None:
    """One of a few messages, deleted ones too, so that several quote the same one; now and then a reply that grows."""
    few = [message.id for message in run.messages[-9::4]] + run.replies[-1:]
    return few[pick % len(few)] if few else None


@change(7)
def quote(run, step) -> None:
    if not (quoted := popular(run, step.pick)):
        return
    name, client_id = run.member(step.pick // 5), uuid.UUID(int=run.random.getrandbits(128)).hex
    if step.where == DIRECT:
        email = run.world.email(name)
        form = {"content": step.text, "client_id": client_id, "quoted": quoted}
        id = run.direct(step, "quote", chat=run.chat, email=email, **form)
    else:
        form = {"content": step.text, "client_id": client_id, "reply_to": str(quoted)}
        id = run.sent(run.request(step, name, "POST", f"/chats/{run.chat}/messages", form))
    run.written(id, name, client_id)


@change(5)
def edit_quoted(run, step) -> None:
    id = popular(run, step.pick)
    if not id or id in run.replies or id in run.deleted:
        return
    author = next(message.author for message in run.messages if message.id == id)
    if step.where == DIRECT:
        run.direct(step, "edit", message=id, content=step.text)
    else:
        run.request(step, author, "PATCH", f"/messages/{id}", {"content": step.text})


@change(3, DIRECT)
def delete_quoted(run, step) -> None:
    """Also a reply that is still growing."""
    if id := popular(run, step.pick):
        run.deleted.add(id)
        run.direct(step, "delete", message=id)


@change(3, DIRECT)
def write_quoted(run, step) -> None:
    """A reply grows, and quotes of it with it."""
    if run.replies:
        run.direct(step, "write", message=run.replies[-1], content=step.text)
