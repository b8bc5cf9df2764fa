"""Two workers, one of which is killed again and again while replies are written. What became of each?"""

import itertools
import random
import time
from dataclasses import dataclass, field

from tests.provider import Faithful
from tests.servers import Worker, wait_until

PATIENCE = 60  # seconds, after the last one was killed


@dataclass
class Outcome:
    """What became of the replies, by their texts."""

    killed: int = 0
    complete: int = 0
    told: list[str] = field(default_factory=list)  # those that ended otherwise, each with a reason
    #: Texts that are not the provider's, or no beginning of it.
    wrong: list[tuple[str, str]] = field(default_factory=list)


def killed_workers(world, workers: list[Worker], replies: int, length: int, every: float, times: int) -> Outcome:
    """Have ``replies`` of ``length`` characters written, and kill one of the workers ``times`` times."""
    texts = {f"Question {n}": text_of(n, length) for n in range(replies)}
    faithful = Faithful(texts, every=0.05)
    world.assistant_will(faithful)
    email = world.email("Ada")
    chats = {
        question: world.direct.start_chat(email=email, members=[], title=question, assistant="always")
        for question in texts
    }
    for question, chat in chats.items():
        world.direct.post(chat=chat, email=email, content=question)
    outcome, victims = Outcome(), itertools.cycle(workers)
    for _ in range(times):
        time.sleep(every)
        victim = next(victims)
        victim.kill9()
        outcome.killed += 1
        victim.start()
    wait_until(lambda: not world.direct.unfinished(), PATIENCE + length * 0.05 / 4, "all replies to end")
    for question, chat in chats.items():
        judge(world.direct.state(chat=chat)["messages"][-1], texts[question], outcome)
    outcome.wrong += [("no beginning", stray) for stray in faithful.strays]
    return outcome


def judge(reply: dict, text: str, outcome: Outcome) -> None:
    if reply["state"] == "complete":
        outcome.complete += 1
        if reply["content"] != text:
            outcome.wrong.append((text, reply["content"]))
    else:
        outcome.told.append(f"{reply['state']}: {reply['failure']}")
        if not text.startswith(reply["content"]):
            outcome.wrong.append((text, reply["content"]))


def text_of(number: int, length: int) -> str:
    """Words that each come once, so that what is doubled or lost shows; with code, whose indentation counts."""
    chance, text = random.Random(number), ""
    for word in itertools.count():
        if len(text) >= length:
            return text.strip()
        text += f"w{word}" + chance.choice([" "] * 12 + ["\n\n", "\n    ", ". "])
