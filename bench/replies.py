"""50 replies of 60 s at once in one worker: when the first words come, and what each reply costs.

`python bench/replies.py [--postgres] [--count 50] [--seconds 60] [--kilobytes 4]`
"""

import argparse
import random
import re
import threading
import time
from contextlib import ExitStack

import psutil
from support import product, verdict, wait_until

from tests.delivery.http import EventSource
from tests.provider import Handler, Paced, Provider
from tests.servers import worker

parser = argparse.ArgumentParser()
parser.add_argument("--postgres", action="store_true")
parser.add_argument("--count", type=int, default=50)
parser.add_argument("--seconds", type=float, default=60)
parser.add_argument("--kilobytes", type=float, default=4)
chosen = parser.parse_args()

#: Seconds over which the questions come, and that the model thinks before its first word.
COMING, THINKING = 10, 0.5
WORDS = ["the", "a", "file", "line", "of", "**bold**", "reads", "words", "`code`", "that", "it", "where", "each", "so"]


class TimedProvider(Provider):
    """Notes when the first token of each answer leaves."""

    def __init__(self):
        super().__init__()
        self.began: dict[str, float] = {}

    def _handler(self) -> type[Handler]:
        timed = self

        class TimedHandler(Handler):
            provider = timed

            def say(self, event: dict) -> None:
                word = event["choices"][0]["delta"]["content"]
                if word.startswith("zebra"):
                    timed.began[word.strip()] = time.monotonic()
                super().say(event)

        return TimedHandler


class Chat:
    """One reply, and somebody who watches it."""

    def __init__(self, world, door, number: int):
        self.word = f"zebra{number}"
        self.text = text_with(self.word)
        self.id = world.direct.start_chat(
            email=world.email("Ada"), members=[], title=f"Chat {number}", assistant="always"
        )
        self.came: float | None = None
        self.bytes = 0
        self.source = EventSource(door, f"/chats/{self.id}/stream?revision=0")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        for event in self.source:
            if event.name is None:
                self.bytes += len(event.data.encode())
                if self.came is None and self.word in event.data:
                    self.came = time.monotonic()


def text_with(word: str) -> str:
    text, paragraph = word, 0
    while len(text) < chosen.kilobytes * 1024:
        paragraph += 1
        text += f"\n\n{paragraph}. " if paragraph % 5 == 0 else "\n\n" if len(text) % 400 < 60 else ""
        text += " " + " ".join(random.choices(WORDS, k=9)) + "."
    return text


def answer(request: dict) -> Paced:
    text = texts[request["messages"][-1]["content"]]
    first, rest = re.match(r"(?s)(\w+)(.*)", text).groups()
    tokens = [first, *re.findall(r"(?s).{1,4}", rest)]
    time.sleep(THINKING)
    return Paced(tokens, chosen.seconds / len(tokens))


def family() -> list[psutil.Process]:
    process = psutil.Process(server.pid)
    return [process, *process.children(recursive=True)]


def memory() -> tuple[float, float]:
    """MB: of the process that writes replies, and of all of the worker; shared pages count once for the latter."""
    each = [process.memory_full_info() for process in family()]
    return max(info.rss for info in each) / 2**20, sum(info.pss for info in each) / 2**20


def seconds_of_cpu() -> float:
    return sum(process.cpu_times().user + process.cpu_times().system for process in family())


with product(1, HEARTBEAT_SECONDS="15") as (world, webs), TimedProvider() as provider, ExitStack() as stack:
    provider.will(answer)
    environ = world.environ | {"OPENAI_BASE_URL": provider.url, "ASSISTANT_REPLY_TOKENS": "100000"}
    environ |= {"ASSISTANT_TIMEOUT": "60", "ASSISTANT_CONTEXT_TOKENS": "200000"}
    server = stack.enter_context(worker(environ))
    chats = [Chat(world, world.door("Ada").at(webs[0].url), n) for n in range(chosen.count)]
    wait_until(lambda: all(chat.source.status == 200 for chat in chats), 30)
    warm = Chat(world, world.door("Ada").at(webs[0].url), 1000)  # the first reply of a process takes longer
    texts = {f"Tell me of {chat.word[5:]}": chat.text for chat in [warm, *chats]}
    world.direct.post(chat=warm.id, email=world.email("Ada"), content="Tell me of 1000")
    wait_until(lambda: warm.came, 60, "the first reply")
    idle, cpu, began, web = memory(), seconds_of_cpu(), time.monotonic(), psutil.Process(webs[0].pid)
    web_cpu = sum(sum(p.cpu_times()[:2]) for p in [web, *web.children()])
    revisions = [world.direct.state(chat=chat.id)["revision"] for chat in chats]
    for chat in chats:
        world.direct.post(chat=chat.id, email=world.email("Ada"), content=f"Tell me of {chat.word[5:]}")
        time.sleep(COMING / chosen.count)
    wait_until(lambda: len(provider.began) == chosen.count + 1, 60, "all replies to begin")
    at_once, most = 0, (0.0, 0.0)
    while True:
        states = [world.direct.state(chat=chat.id) for chat in chats]
        running = sum(state["messages"][-1]["state"] == "generating" for state in states)
        at_once, most = max(at_once, running), max(most, memory())
        if not running:
            break
        time.sleep(2)
    took, cpu = time.monotonic() - began, seconds_of_cpu() - cpu
    web_cpu = sum(sum(p.cpu_times()[:2]) for p in [web, *web.children()]) - web_cpu
    delays = sorted((chat.came - provider.began[chat.word]) * 1000 for chat in chats if chat.came)
    commits = sum(s["revision"] - before - 1 for s, before in zip(states, revisions, strict=True)) / chosen.count
    exact = sum(s["messages"][-1]["content"] == chat.text for s, chat in zip(states, chats, strict=True))
    p95 = delays[int(len(delays) * 0.95)]
    largest, whole = most
    size = sum(chat.bytes for chat in chats) / chosen.count / 1024
    print(f"{chosen.count} replies of {chosen.seconds:.0f} s and {chosen.kilobytes:g} KB, {at_once} at once")
    print(f"  first words after {delays[len(delays) // 2]:.0f} ms (half), {p95:.0f} (p95), {delays[-1]:.0f} (all)")
    print(f"  the worker has {largest:.0f} MB in its largest process (idle {idle[0]:.0f}), {whole:.0f} MB in all")
    print(f"  CPU: {cpu / took:.0%} of a core, {cpu / chosen.count:.2f} s a reply; web process {web_cpu / took:.0%}")
    print(f"  a reply: {commits:.0f} commits, {size:.1f} KB to each viewer")
    verdict(
        all_at_once=at_once == chosen.count,
        first_words_within_200_ms=len(delays) == chosen.count and p95 < 200,
        at_most_300_MB=whole <= 300,
        every_text_exact=exact == chosen.count,
    )
