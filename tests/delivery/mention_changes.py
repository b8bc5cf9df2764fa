"""What can change about mentions: whom a message names, and what people have looked at."""

import uuid

from .catalogue import DIRECT, change

#: What is written; the first two name somebody who is a member now and then.
NAMES = ("@Cleo", "@cleo and @Ada:", "@Bob", "@all", "`@Cleo`", "@Ada, @Bob, @Cleo, @all", "@Nobody")
BEYOND = 10**9  # an id that no message has yet


def words(step) -> str:
    return f"{NAMES[step.pick // 5 % len(NAMES)]} {step.text}"


@change(6)
def mention(run, step) -> None:
    name = run.member(step.pick)
    client_id = uuid.UUID(int=run.random.getrandbits(128)).hex
    if step.where == DIRECT:
        arguments = {"chat": run.chat, "email": run.world.email(name), "content": words(step), "client_id": client_id}
        id = run.direct(step, "post", **arguments)
    else:
        form = {"content": words(step), "client_id": client_id}
        id = run.sent(run.request(step, name, "POST", f"/chats/{run.chat}/messages", form))
    run.written(id, name, client_id)


@change(4)
def mention_others_in_an_edit(run, step) -> None:
    edit(run, step, run.choose(step.pick))


@change(4)
def mention_beside(run, step) -> None:
    chat = run.other(step.pick)
    name = run.founder_of(chat)
    if step.where == DIRECT:
        id = run.direct(step, "post_beside", chat=chat, email=run.world.email(name), content=words(step))
    else:
        form = {"content": words(step), "client_id": uuid.UUID(int=run.random.getrandbits(128)).hex}
        answer = run.request(step, name, "POST", f"/chats/{chat}/messages", form)
        id = run.sent(answer) if answer.status_code == 201 else None
    if id:
        run.written_beside(id, name)


@change(3)
def mention_others_beside_in_an_edit(run, step) -> None:
    edit(run, step, run.choose_beside(step.pick))


def edit(run, step, message) -> None:
    if not message:
        return
    if step.where == DIRECT:
        run.direct(step, "edit", message=message.id, content=words(step))
    else:
        run.request(step, message.author, "PATCH", f"/messages/{message.id}", {"content": words(step)})


@change(3)
def look(run, step) -> None:
    """Somebody has looked at all mentions up to one."""
    name, id = ("Ada", "Cleo")[step.pick % 2], run.some_id(step.pick) if step.pick % 3 else BEYOND
    if step.where == DIRECT:
        run.direct(step, "look", email=run.world.email(name), message=id)
    else:
        run.request(step, name, "POST", "/mentions/marks", {"message_id": str(id)})
