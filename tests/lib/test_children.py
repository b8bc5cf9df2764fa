import signal
import subprocess
import sys

import psutil
import pytest

from tests.servers import PROJECT, START_WITHIN, has_ended, wait_until

PROGRAM = """
import time
from chatapp.lib import children

children.PAUSE = children.ORPHANED_WITHIN = 0.05

def one(): time.sleep(60)
def two(): time.sleep(60)

children.Children(one, two).watch()
"""


@pytest.fixture
def parent():
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=PROJECT, stderr=subprocess.DEVNULL) as process:
        parent = psutil.Process(process.pid)
        try:
            wait_until(lambda: len(parent.children()) == 2, START_WITHIN)
            yield parent
        finally:
            process.kill()  # or the end of this block would wait for it for ever


def test_a_child_that_dies_is_started_again(parent):
    first, second = parent.children()
    first.kill()
    wait_until(lambda: len(parent.children()) == 2 and first not in parent.children())
    assert second in parent.children()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_children_end_with_their_parent_however_that_ends(parent, number):
    children = parent.children()
    parent.send_signal(number)
    wait_until(lambda: all(map(has_ended, [parent, *children])))
