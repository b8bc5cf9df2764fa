"""A few of the texts that `bench/texts.py` has written by the thousand, under the same faults."""

import pytest

from tests.delivery.texts import SETTINGS, Texts
from tests.delivery.world import World

TEXTS = 24


@pytest.fixture
def texts(tmp_path, playwright):
    with World(tmp_path, "sqlite", SETTINGS) as world, Texts(world, playwright, seed=13, lanes=2) as texts:
        yield texts


def test_every_text_is_stored_and_shown_as_the_model_said_it_whatever_breaks_meanwhile(texts):
    texts.run(TEXTS)
    assert texts.differences == []
    assert texts.figures["texts"] == TEXTS
    assert texts.figures["states of growing texts"] > TEXTS
