"""Answers that are written again, go on, and show another of their versions; and what the model thinks before."""

from .catalogue import DIRECT, change


def reply(run, step) -> int | None:
    return run.replies[step.pick % len(run.replies)] if run.replies else None


@change(4)
def answer_again(run, step) -> None:
    """A real worker then answers."""
    name, id = run.member(step.pick), reply(run, step)
    if id and step.where == DIRECT:
        run.direct(step, "answer_again", message=id, email=run.world.email(name))
    elif id:
        run.request(step, name, "POST", f"/messages/{id}/versions")


@change(4)
def choose_version(run, step) -> None:
    """Also one that is not there."""
    name, id, number = run.member(step.pick), reply(run, step), 1 + step.pick // 7 % 4
    if id and step.where == DIRECT:
        run.direct(step, "choose_version", message=id, number=number, email=run.world.email(name))
    elif id:
        run.request(step, name, "POST", f"/messages/{id}/versions/{number}")


@change(2, "web-0", "web-1")
def go_on(run, step) -> None:
    if id := reply(run, step):
        run.request(step, run.member(step.pick), "POST", f"/messages/{id}/continuations")


@change(2, DIRECT)
def think(run, step) -> None:
    """The model thinks, or has thought for a while."""
    if id := reply(run, step):
        run.direct(step, "think", message=id, content=step.text, seconds=step.pick % 3)
