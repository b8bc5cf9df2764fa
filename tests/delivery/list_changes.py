"""What can change in the lists of chats: messages beside the open chat, who is in which chat, and what was read."""

import uuid

from .catalogue import DIRECT, change

BEYOND = 10**9  # an id that no message has yet


@change(6)
def send_beside(run, step) -> None:
    name, chat = ("Ada", "Bob", "Cleo")[step.pick % 3], run.other(step.pick // 3)
    if step.where == DIRECT:
        id = run.direct(step, "post_beside", chat=chat, email=run.world.email(name), content=step.text)
    else:
        form = {"content": step.text, "client_id": uuid.UUID(int=run.random.getrandbits(128)).hex}
        answer = run.request(step, name, "POST", f"/chats/{chat}/messages", form)
        id = run.sent(answer) if answer.status_code == 201 else None
    if id:
        run.written_beside(id, name)


@change(2)
def edit_beside(run, step) -> None:
    if not (message := run.choose_beside(step.pick)):
        return
    if step.where == DIRECT:
        run.direct(step, "edit", message=message.id, content=step.text)
    else:
        run.request(step, message.author, "PATCH", f"/messages/{message.id}", {"content": step.text})


@change(3)
def delete_beside(run, step) -> None:
    """Often one that somebody has not read."""
    if not (message := run.choose_beside(step.pick)):
        return
    if step.where == DIRECT:
        run.direct(step, "delete", message=message.id)
    else:
        run.request(step, message.author, "DELETE", f"/messages/{message.id}")


@change(5)
def read(run, step) -> None:
    """A page says what was seen; now and then one that lags behind."""
    mark(run, step, run.some_id(step.pick) if step.pick % 3 else BEYOND, seen=True)


@change(2)
def mark_unread(run, step) -> None:
    mark(run, step, run.some_id(step.pick) - 1 if step.pick % 3 else 0, seen=False)


def mark(run, step, id: int, seen: bool) -> None:
    name, chat = ("Ada", "Cleo")[step.pick % 2], run.some_chat(step.pick // 2)
    if step.where == DIRECT:
        run.direct(step, "read", chat=chat, email=run.world.email(name), message=id, only_forward=seen)
    else:
        form = {"message_id": str(id)} | ({"seen": "1"} if seen else {})
        run.request(step, name, "POST", f"/chats/{chat}/reads", form)


@change(1)
def retitle_beside(run, step) -> None:
    chat, title = run.other(step.pick), " ".join(step.text.split())[:60]
    if step.where == DIRECT:
        run.direct(step, "retitle", chat=chat, title=title)
    else:
        run.request(step, "Bob", "PATCH", f"/chats/{chat}", {"title": title, "kind": "closed", "assistant": "never"})


@change(2)
def admit_beside(run, step) -> None:
    chat, name = run.other(step.pick), ("Ada", "Cleo")[step.pick % 2]
    if step.where == DIRECT:
        run.direct(step, "admit", chat=chat, email=run.world.email(name))
    else:
        run.request(step, "Bob", "POST", f"/chats/{chat}/members", {"email": run.world.email(name)})


@change(2)
def dismiss_beside(run, step) -> None:
    chat, name = run.other(step.pick), ("Ada", "Cleo")[step.pick % 2]
    if step.where == DIRECT:
        run.direct(step, "dismiss", chat=chat, email=run.world.email(name))
    else:
        run.request(step, "Bob", "DELETE", f"/chats/{chat}/members/{run.ids[name]}")


@change(1, "web-0", "web-1")
def join_beside(run, step) -> None:
    """Come in oneself, where the chat is open."""
    run.request(step, ("Ada", "Cleo")[step.pick % 2], "POST", f"/chats/{run.other(step.pick)}/members")


@change(1, "web-0", "web-1")
def leave_beside(run, step) -> None:
    name = ("Ada", "Cleo")[step.pick % 2]
    run.request(step, name, "DELETE", f"/chats/{run.other(step.pick)}/members/{run.ids[name]}")


@change(2)
def archive(run, step) -> None:
    chat = run.other(step.pick)
    if step.where == DIRECT:
        run.direct(step, "archive", chat=chat)
    else:
        run.request(step, run.founder_of(chat), "POST", f"/chats/{chat}/archives")


@change(1)
def bring_back(run, step) -> None:
    chat = run.other(step.pick)
    if step.where == DIRECT:
        run.direct(step, "bring_back", chat=chat)
    else:
        run.request(step, run.founder_of(chat), "DELETE", f"/chats/{chat}/archive")


@change(1, DIRECT)
def begin_beside(run, step) -> None:
    """Another chat begins, and comes into everybody's list."""
    run.begin_beside(("Ada", "Bob")[step.pick % 2], count=step.pick % 4)
