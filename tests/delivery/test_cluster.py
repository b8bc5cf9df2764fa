"""A Redis Cluster of three primaries carries the live changes, and its servers die."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers import wait_until

from .asking import wait
from .http import Door
from .live import LivePage
from .page import Page, differences
from .torture import Torture
from .world import FIGURE, World

pytestmark = pytest.mark.any_database

#: Messages in each second, and for how many seconds; the primary dies a second after the first one.
EACH_SECOND, SECONDS = 50, 6
LIVE_AGAIN_WITHIN = 20  # seconds


@pytest.fixture(scope="module")
def clustered(tmp_path_factory, database):
    with World(tmp_path_factory.mktemp("clustered"), database, clustered=True) as world:
        yield world


@pytest.fixture
def chat(clustered) -> int:
    members = [clustered.email("Bob"), clustered.email("Cleo")]
    return clustered.direct.start_chat(email=clustered.email("Ada"), members=members, assistant="never", title="Plans")


def test_nothing_is_lost_while_a_primary_dies_and_the_page_is_live_again_soon(clustered, chat):
    cluster = clustered.cluster.wait_until_whole()
    leader = cluster.primary_of(cluster.shard_of(f"turbo:chat:{chat}"))
    ada, bob = clustered.door("Ada"), clustered.people["Bob"]
    with LivePage(ada.at(clustered.web[1].url), chat, first_beat=5) as page, ThreadPoolExecutor(8) as pool:
        wait_until(lambda: page.source and page.source.status == 200)
        sent = []
        for number in range(EACH_SECOND * SECONDS):
            if number == EACH_SECOND:
                leader.kill9()
            sent.append(pool.submit(bob.send, chat, f"Message {number}"))
            wait(1 / EACH_SECOND)  # the pace of the messages
        assert {answer.result().status_code for answer in sent} == {201}
        wait_until(lambda: comes_by_redis(clustered, chat), LIVE_AGAIN_WITHIN)
        wait_until(lambda: differences(page, Page(ada, chat).load()) == [], 15)
        assert page.violations == []


def comes_by_redis(world: World, chat: int) -> bool:
    """Whether the process of the page hears of a message from the cluster, and not only by its heartbeat."""
    before = frames(world)
    world.people["Bob"].send(chat, "Live?")
    try:
        return wait_until(lambda: frames(world) > before, 1)
    except TimeoutError:
        return False


def frames(world: World) -> int:
    _, text = Door(world.web[1].url, "").metrics()
    return int(float(dict(FIGURE.findall(text))["frames"]))


@pytest.mark.parametrize("seed", range(100, 104))
def test_after_random_changes_and_dead_servers_every_live_page_equals_a_fresh_one(clustered, seed):
    with Torture(clustered) as torture:
        torture.run(seed)
