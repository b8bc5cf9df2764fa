"""Messages with links, whose previews come, fail, and are taken away."""

import uuid

from .catalogue import DIRECT, change


@change(4, DIRECT)
def link(run, step) -> None:
    """Often the same address, so that several messages wait for one preview."""
    name, client_id = run.member(step.pick), uuid.UUID(int=run.random.getrandbits(128)).hex
    form = {"content": f"{address(run, step)} {step.text}", "client_id": client_id}
    id = run.direct(step, "link", chat=run.chat, email=run.world.email(name), url=address(run, step), **form)
    run.written(id, name, client_id)
    run.with_links = [*getattr(run, "with_links", [])[-3:], id]


@change(4, DIRECT)
def end_previews(run, step) -> None:
    run.direct(step, "end_previews", good=step.pick % 4 > 0)


@change(2, DIRECT)
def change_link(run, step) -> None:
    """To another address, or to none."""
    if id := chosen(run, step):
        run.direct(step, "edit", message=id, content=address(run, step) if step.pick % 2 else "No link")


@change(2, DIRECT)
def remove_preview(run, step) -> None:
    if id := chosen(run, step):
        run.direct(step, "remove_preview", message=id)


def address(run, step) -> str:
    return f"https://10.0.0.1/{run.chat}/{step.pick % 3}"


def chosen(run, step) -> int | None:
    ids = [id for id in getattr(run, "with_links", []) if id not in run.deleted]
    return ids[step.pick % len(ids)] if ids else None
