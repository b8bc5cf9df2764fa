"""Tools that an assistant uses while it writes, some of them once people have allowed it. The run's worker has none of
them, and tells its model so when it takes such an answer over."""

from .catalogue import DIRECT, change
from .version_changes import reply


@change(5, DIRECT)
def use_tool(run, step) -> None:
    if id := reply(run, step):
        use = run.direct(step, "use_tool", message=id, query=step.text, asks=step.pick % 3 == 0)
        if use:
            run.uses.append((id, use))


@change(4, DIRECT)
def end_use(run, step) -> None:
    if id := reply(run, step):
        run.direct(step, "end_use", message=id, result=step.text, went_well=step.pick % 4 > 0)


@change(3, "web-0", "web-1")
def decide(run, step) -> None:
    """Also about what needs no decision, or no longer."""
    if run.uses:
        message, use = run.uses[step.pick % len(run.uses)]
        verb = "permissions" if step.pick % 5 else "refusals"
        run.request(step, run.member(step.pick), "POST", f"/messages/{message}/uses/{use}/{verb}")
