"""What members pin for all, and what people keep for themselves: bookmarks, favourites and muted chats."""

from .catalogue import DIRECT, change
from .changes import some_message


@change(5)
def pin(run, step) -> None:
    """Also a growing answer, and a message that was deleted just now."""
    id, name, wanted = some_message(run, step), run.member(step.pick), step.pick % 3 > 0
    if not id:
        return
    if step.where == DIRECT:
        run.direct(step, "pin", message=id, email=run.world.email(name), wanted=wanted)
    else:
        run.request(step, name, *("POST", f"/messages/{id}/pins") if wanted else ("DELETE", f"/messages/{id}/pin"))


@change(4)
def bookmark(run, step) -> None:
    id, name, wanted = some_message(run, step), ("Ada", "Cleo")[step.pick % 2], step.pick % 3 > 0
    if not id:
        return
    if step.where == DIRECT:
        run.direct(step, "bookmark", message=id, email=run.world.email(name), wanted=wanted)
    else:
        way = ("POST", f"/messages/{id}/bookmarks") if wanted else ("DELETE", f"/messages/{id}/bookmark")
        run.request(step, name, *way)


@change(3)
def favour(run, step) -> None:
    own(run, step, "favour", "favourites", "favourite")


@change(2)
def mute(run, step) -> None:
    own(run, step, "mute", "mutes", "mute")


def own(run, step, verb: str, resources: str, resource: str) -> None:
    name, chat, wanted = ("Ada", "Cleo")[step.pick % 2], run.some_chat(step.pick // 2), step.pick % 3 > 0
    if step.where == DIRECT:
        run.direct(step, verb, chat=chat, email=run.world.email(name), wanted=wanted)
    else:
        way = ("POST", resources) if wanted else ("DELETE", resource)
        run.request(step, name, way[0], f"/chats/{chat}/{way[1]}")
