"""How deeply values are nested."""

import json

import pytest

from chatapp.lib.nesting import is_nested_deeper


@pytest.mark.parametrize("value", ["x", 7, None, [], {}, [1, {}], {"a": [{"b": 1}]}])
def test_three_levels_hold_no_more_than_three(value):
    assert not is_nested_deeper(value, 3)


@pytest.mark.parametrize("value", [[[[[]]]], {"a": [1, {"b": {}}]}, [0, [0, [0, [0]]]]])
def test_a_fourth_level_is_too_deep_wherever_it_is(value):
    assert is_nested_deeper(value, 3)


def test_the_deepest_that_a_parser_takes_is_measured():
    assert is_nested_deeper(json.loads("[" * 900 + "]" * 900), 899)
    assert not is_nested_deeper(json.loads("[" * 900 + "]" * 900), 900)
