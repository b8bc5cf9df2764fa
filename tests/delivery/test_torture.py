"""A quick run of the torture; `bin/torture --runs 1000` is the long one."""

import pytest


@pytest.mark.parametrize("seed", range(12))
def test_after_random_changes_and_faults_every_live_page_equals_a_fresh_one(torture, seed):
    torture.run(seed)


@pytest.mark.system
@pytest.mark.parametrize("seed", range(12, 15))
def test_the_same_with_one_page_in_a_browser(torture_in_browser, seed):
    torture_in_browser.run(seed)


def test_and_no_reply_is_stuck(torture):
    assert torture.settle() == []
