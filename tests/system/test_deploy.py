"""A browser in the middle of a deploy: its requests go to both releases by turns."""

import random
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.delivery.proxy import Proxy
from tests.releases import Deploy, ReleaseGunicorn, next_release
from tests.servers import free_port

from .core import core_journey
from .pages import PATIENCE, compare_with_fresh, say, sees, until_live
from .people import Person


class Balancer(Proxy):
    """Sends each connection to one of the ``targets``, by chance: by turns, a page that opens two comes to the same."""

    def __init__(self, *urls: str):
        self.send_to(*urls)
        super().__init__(urls[0])

    def send_to(self, *urls: str) -> None:
        self._targets = [(urlsplit(url).hostname, urlsplit(url).port) for url in urls]

    @property
    def target(self) -> tuple[str, int]:
        return random.choice(self._targets)

    @target.setter
    def target(self, _) -> None:
        pass  # the proxy's one


@pytest.fixture
def next_web(site, tmp_path):
    with ReleaseGunicorn(next_release(tmp_path), site.environ, free_port()) as web:
        yield web


def test_pages_of_both_releases_get_their_files_wherever_they_ask(site, next_web, person):
    with Balancer(site.url, next_web.url) as balancer:
        carol, dan = person("Carol", balancer.url), person("Dan", balancer.url)
        chat = carol.start_chat(title="Half-way")
        carol.add(dan, chat)
        for someone in (carol, dan):
            someone.context.on("response", lambda answer: statuses.append((answer.status, answer.url)))
        statuses: list[tuple[int, str]] = []
        tabs = [person.tab(chat) for person in (carol, dan)]
        core_journey(*tabs, chat, rounds=2)
        for _ in range(20):  # until the pages of both were shown
            for tab in tabs:
                tab.reload()
                until_live(tab)
            if len(scripts(statuses)) == 2:
                break
    assert [lost for lost in statuses if "/static/" in lost[1] and lost[0] >= 400] == []
    assert len(scripts(statuses)) == 2


def scripts(statuses: list[tuple[int, str]]) -> set[str]:
    """The names of the scripts that pages asked for."""
    return {url.rpartition("/")[2] for _, url in statuses if "application-" in url and url.endswith(".js")}


@pytest.fixture(scope="module")
def deploy(tmp_path_factory):
    with Deploy(tmp_path_factory.mktemp("deploy")) as deploy:
        yield deploy


@pytest.fixture
def people(deploy, browser):
    with Balancer(deploy.old.url) as balancer:
        found = []
        for name, account in (("Ada", deploy.ada), ("Bob", deploy.bob)):
            someone = Person(deploy.old.url, name)
            someone.email, someone.http.cookies = account.email, account.http.cookies
            found.append(someone.at(browser, balancer.url))
        yield balancer, *found
        for someone in found:
            someone.leave()


def test_open_pages_go_back_and_forth_between_the_release_before_and_this_one(deploy, people):
    balancer, ada, bob = people
    tabs = ada.tab(deploy.chat), bob.tab(deploy.chat)
    for number, web in enumerate((deploy.new, deploy.old, deploy.new)):
        balancer.send_to(web.url)
        balancer.cut_all()
        for writer, reader in (tabs, reversed(tabs)):
            say(writer, f"Round {number} of {writer is tabs[0]}")
            sees(reader, f"Round {number} of {writer is tabs[0]}")
        tabs[number % 2].reload()
        until_live(tabs[number % 2])
    for tab in tabs:
        tab.reload()
        until_live(tab)
        compare_with_fresh(tab, deploy.chat)
        expect(tab.locator(".outbox > article")).to_have_count(0, timeout=PATIENCE)
