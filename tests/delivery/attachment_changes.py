"""Messages with files, and pictures that get their thumbnails."""

import uuid

from .catalogue import DIRECT, change


@change(5, DIRECT)
def send_files(run, step) -> None:
    name, client_id = run.member(step.pick), uuid.UUID(int=run.random.getrandbits(128)).hex
    content = step.text if step.pick % 3 else ""
    form = {"content": content, "client_id": client_id, "count": step.pick % 3 + 1}
    id = run.direct(step, "attach", chat=run.chat, email=run.world.email(name), **form)
    run.written(id, name, client_id)
    run.with_files = [*getattr(run, "with_files", [])[-3:], id]


@change(5, DIRECT)
def settle_picture(run, step) -> None:
    """Of any message with files, also one that was deleted just now."""
    if ids := getattr(run, "with_files", None):
        run.direct(step, "settle_picture", message=ids[step.pick % len(ids)], broken=step.pick % 5 == 0)
