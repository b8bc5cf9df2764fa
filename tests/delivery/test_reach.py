"""Rights in a chat are checked where it counts: behind the chat's lock, with two processes that race for it."""

import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor

import httpx

from tests.browserless import NO_CERTIFICATES, TURBO_STREAM

ROUNDS = 20
MOST = 60  # messages of one flood, far more than fit between the removal and its answer
SLOW = {"X-Fault": "slow:10"}  # something happens between any two questions to the database


class Intruder:
    """Somebody with an account, who sends requests to both servers."""

    def __init__(self, world, name: str):
        self.world, self.email = world, world.email(name)
        self.token = world.people[name].token("/chats/new")
        self.door = world.door(name)  # with the cookie that the token belongs to

    def post(self, web: int, path: str, form: dict | None = None) -> int:
        headers = {"Accept": TURBO_STREAM, "X-CSRFToken": self.token, "Cookie": self.door.cookie, **SLOW}
        url = f"{self.world.web[web].url}{path}"
        return httpx.post(url, data=form or {}, headers=headers, timeout=30, **NO_CERTIFICATES).status_code

    def standing(self, chat: int) -> dict:
        return self.world.direct.standing(chat=chat, email=self.email)


def flood(intruder: Intruder, web: int, chat: int, started: threading.Event) -> int:
    """Send until the server refuses, or has accepted all. Returns the last status."""
    for _ in range(MOST):
        status = intruder.post(web, f"/chats/{chat}/messages", {"content": "Me again"})
        if status != 201:
            break
        started.set()
    return status


def test_a_removed_member_who_floods_neither_comes_back_nor_is_heard_again(world, chat):
    cleo = Intruder(world, "Cleo")
    for _ in range(ROUNDS):
        world.direct.admit(chat=chat, email=cleo.email)
        started = threading.Event()
        with ThreadPoolExecutor(4) as pool:
            floods = [pool.submit(flood, cleo, web, chat, started) for web in (0, 1, 0, 1)]
            assert started.wait(30)
            world.direct.dismiss(chat=chat, email=cleo.email)
            removed = cleo.standing(chat)
            assert [flood.result() for flood in floods] == [404] * 4
        assert removed["member"] is False
        assert cleo.standing(chat) == removed


def open_chat(world) -> int:
    chat = world.direct.start_chat(email=world.email("Ada"), members=[], assistant="never", title="Open")
    world.direct.change(chat=chat, kind="open")
    return chat


def looks_during(join: Future, intruder: Intruder, chat: int) -> int:
    """How often one can ask for the intruder's standing until ``join`` is done: a clock as quick as the machine."""
    looks = 0
    while not join.done():
        intruder.standing(chat)
        looks += 1
    return looks


def test_nobody_joins_a_chat_that_has_closed_meanwhile(world):
    """The chat closes at another moment each time, from the beginning of the request to well after its end."""
    bob, answers = Intruder(world, "Bob"), Counter()
    with ThreadPoolExecutor(1) as pool:
        lengths = []
        for web in (0, 1, 0, 1):  # the first ones take longer than all others
            chat = open_chat(world)
            lengths.append(looks_during(pool.submit(bob.post, web, f"/chats/{chat}/members"), bob, chat))
        latest = 2 * min(lengths)
        for round in range(ROUNDS):
            chat = open_chat(world)
            if round == 0:
                world.direct.change(chat=chat, kind="closed")  # certainly before
            join = pool.submit(bob.post, round % 2, f"/chats/{chat}/members")
            for _ in range(latest * round**2 // (ROUNDS - 1) ** 2):
                bob.standing(chat)
            if round == ROUNDS - 1:
                join.result()  # certainly after
            world.direct.change(chat=chat, kind="closed")
            closed = bob.standing(chat)
            answers[join.result()] += 1
            assert bob.standing(chat) == closed
    assert set(answers) == {303, 404}, answers  # some were quicker, and some too late
