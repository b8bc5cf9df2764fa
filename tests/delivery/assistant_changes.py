"""What can change about assistants: a second one comes into the chat and leaves it, is called differently, and is asked
beside the first one."""

import uuid

from .catalogue import DIRECT, change

#: Each begins as the one before it, so that mentions still find it.
CALLED = ("Scribe", "Scribe <b>", "Scribe & Co.")


@change(3, DIRECT)
def seat_assistant(run, step) -> None:
    run.direct(step, "seat_assistant", chat=run.chat, wanted=step.pick % 3 > 0)


@change(2, DIRECT)
def rename_assistant(run, step) -> None:
    run.direct(step, "rename_assistant", name=CALLED[step.pick % 3])


@change(2, "web-0", "web-1")
def ask_both(run, step) -> None:
    """Whoever of the two is in the chat at that moment answers, by a real worker."""
    name = run.member(step.pick)
    words = f"@{CALLED[step.pick % 3]} and @assistant: {step.text}"
    form = {"content": words, "client_id": uuid.UUID(int=run.random.getrandbits(128)).hex}
    answer = run.request(step, name, "POST", f"/chats/{run.chat}/messages", form)
    run.written(run.sent(answer), name, form["client_id"])
