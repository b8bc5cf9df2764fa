"""The one list of what can change on a page. A new noun joins the torture by adding its changes here. list_changes.py
has the changes in other chats, and what people have read.

A change gets the run (torture.py) and its step, whose fields are all there is to choose from: ``where`` it happens,
``pick`` (a number for choosing one of several), ``text`` and ``fault``. It uses `run.request` (over HTTP, tried until
there is an answer, as pages do) or `run.direct` (models, in another process); both of them bring the fault along.
"""

import uuid
from urllib.parse import quote

from .catalogue import DIRECT, change


@change(10)
def send(run, step) -> None:
    name = run.member(step.pick)
    client_id = uuid.UUID(int=run.random.getrandbits(128)).hex
    if step.where == DIRECT:
        email = run.world.email(name)
        id = run.direct(step, "post", chat=run.chat, email=email, content=step.text, client_id=client_id)
    else:
        form = {"content": step.text, "client_id": client_id}
        answer = run.request(step, name, "POST", f"/chats/{run.chat}/messages", form)
        if answer.status_code == 422:
            return  # nothing but blanks
        id = run.sent(answer)
    run.written(id, name, client_id)


@change(2, "web-0", "web-1")
def ask(run, step) -> None:
    """A question to the assistant, which a real worker has answered."""
    name = run.member(step.pick)
    form = {"content": f"@assistant {step.text}", "client_id": uuid.UUID(int=run.random.getrandbits(128)).hex}
    answer = run.request(step, name, "POST", f"/chats/{run.chat}/messages", form)
    run.written(run.sent(answer), name, form["client_id"])


@change(6)
def edit(run, step) -> None:
    if not (message := run.choose(step.pick)):
        return
    if step.where == DIRECT:
        run.direct(step, "edit", message=message.id, content=step.text)
    else:
        run.request(step, message.author, "PATCH", f"/messages/{message.id}", {"content": step.text})


@change(4)
def delete(run, step) -> None:
    if not (message := run.choose(step.pick)):
        return
    run.deleted.add(message.id)
    if step.where == DIRECT:
        run.direct(step, "delete", message=message.id)
    else:
        run.request(step, message.author, "DELETE", f"/messages/{message.id}")


#: Few, so that people often choose the same one.
EMOJI = ("👍", "❤️", "🎉")


@change(6)
def react(run, step) -> None:
    """To any message, also to a growing answer and to one that was deleted just now."""
    if not (id := some_message(run, step)):
        return
    name, emoji = run.member(step.pick), EMOJI[step.pick // 2 % 3]
    if step.where == DIRECT:
        run.direct(step, "react", message=id, email=run.world.email(name), emoji=emoji)
    else:
        run.request(step, name, "POST", f"/messages/{id}/reactions", {"emoji": emoji})


@change(4)
def withdraw(run, step) -> None:
    if not (id := some_message(run, step)):
        return
    name, emoji = run.member(step.pick), EMOJI[step.pick // 2 % 3]
    if step.where == DIRECT:
        run.direct(step, "withdraw", message=id, email=run.world.email(name), emoji=emoji)
    else:
        run.request(step, name, "DELETE", f"/messages/{id}/reactions/{quote(emoji)}")


def some_message(run, step) -> int | None:
    """Rather one of the last few, so that they meet each other."""
    ids = sorted([*(message.id for message in run.messages), *run.replies])[-4:]
    return ids[step.pick // 6 % len(ids)] if ids else None


@change(2)
def retitle(run, step) -> None:
    title = " ".join(step.text.split())[:60]
    if step.where == DIRECT:
        run.direct(step, "retitle", chat=run.chat, title=title)
    else:
        form = {"title": title, "kind": "closed", "assistant": "mentioned"}
        run.request(step, "Ada", "PATCH", f"/chats/{run.chat}", form)


@change(2)
def admit(run, step) -> None:
    if step.where == DIRECT:
        run.direct(step, "admit", chat=run.chat, email=run.world.email("Cleo"))
    else:
        run.request(step, "Ada", "POST", f"/chats/{run.chat}/members", {"email": run.world.email("Cleo")})


@change(2)
def dismiss(run, step) -> None:
    if step.where == DIRECT:
        run.direct(step, "dismiss", chat=run.chat, email=run.world.email("Cleo"))
    else:
        run.request(step, "Ada", "DELETE", f"/chats/{run.chat}/members/{run.ids['Cleo']}")


@change(3, DIRECT)
def begin_reply(run, step) -> None:
    if message := run.choose(step.pick):
        reply = run.direct(step, "begin_reply", question=message.id)
        if reply:
            run.replies.append(reply)


@change(6, DIRECT)
def write_reply(run, step) -> None:
    if run.replies:
        run.direct(step, "write", message=run.replies[step.pick % len(run.replies)], content=step.text)


@change(1, DIRECT)
def complete_reply(run, step) -> None:
    if run.replies:
        run.direct(step, "complete", message=run.replies[step.pick % len(run.replies)], content=step.text)


@change(1, DIRECT)
def fail_reply(run, step) -> None:
    if run.replies:
        run.direct(step, "fail", message=run.replies[step.pick % len(run.replies)])


@change(2, "web-0", "web-1")
def stop_reply(run, step) -> None:
    if run.replies:
        run.request(step, "Ada", "POST", f"/messages/{run.replies[step.pick % len(run.replies)]}/stops")


@change(1, DIRECT)
def command_line(run, step) -> None:
    run.direct(step, "command", line=["chats", "post", str(run.chat), run.world.email("Bob"), step.text])


@change(1, DIRECT)
def many(run, step) -> None:
    """More than a catch-up sends one by one."""
    for id in run.direct(step, "fill", chat=run.chat, email=run.world.email("Bob"), count=105):
        run.written(id, "Bob", None)
