"""What can change about a chat itself: who manages it, who writes, what it says of itself, and its end."""

from .catalogue import DIRECT, change

LEAST = 2  # chats beside the open one that stay


@change(2)
def promote(run, step) -> None:
    """Cleo, who is a member now and then. Ada and Bob always manage the chat, so that both of them can write."""
    wanted, cleo = step.pick % 2 > 0, run.ids["Cleo"]
    if step.where == DIRECT:
        run.direct(step, "promote", chat=run.chat, email=run.world.email("Cleo"), wanted=wanted)
    elif wanted:
        run.request(step, "Ada", "POST", f"/chats/{run.chat}/managers", {"manager": str(cleo)})
    else:
        run.request(step, "Ada", "DELETE", f"/chats/{run.chat}/managers/{cleo}")


@change(3)
def let_write(run, step) -> None:
    writers = ("managers", "everyone")[step.pick % 2]
    if step.where == DIRECT:
        run.direct(step, "let_write", chat=run.chat, writers=writers)
    else:
        form = {"title": "", "kind": "closed", "assistant": "mentioned", "writers": writers}
        run.request(step, "Ada", "PATCH", f"/chats/{run.chat}", form)


@change(2)
def describe(run, step) -> None:
    description = " ".join(step.text.split())[:60]
    if step.where == DIRECT:
        run.direct(step, "describe", chat=run.chat, description=description)
    else:
        run.request(step, "Bob", "PATCH", f"/chats/{run.chat}", {"title": "", "description": description})


@change(1, DIRECT)
def delete_chat(run, step) -> None:
    """Out of everybody's list; its rows go while the run goes on."""
    if len(run.remaining()) > LEAST:
        chat = run.other(step.pick)
        run.gone.add(chat)
        run.direct(step, "delete_chat", chat=chat)
