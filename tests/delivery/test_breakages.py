"""The mechanisms that breakages.py breaks, one at a time, are still where it looks for them."""

import pytest

from tests.servers import PROJECT

from .breakages import BREAKAGES


@pytest.mark.parametrize("name", BREAKAGES)
def test_each_breakage_still_breaks_something(name):
    found = {edit: (PROJECT / edit.file).read_text().count(edit.old) for edit in BREAKAGES[name]}
    assert set(found.values()) == {1}, found
