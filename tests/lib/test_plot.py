import pytest

from chatapp.lib.plot import bars, ceiling, line, quantile


def test_a_line_goes_from_point_to_point():
    assert line([(0, 0), (0.5, 5), (1, 10)], 100, 40, 10) == "M0 40L50 20L100 0"


def test_a_line_has_a_gap_where_nothing_is_known_and_a_dot_where_a_value_stands_alone():
    assert line([(0, 1), (0.1, 1), (0.2, None), (0.3, 1), (0.4, None)], 100, 10, 1) == "M0 0L10 0M30 0h0"
    assert line([], 100, 10, 1) == ""


def test_a_line_of_zeros_lies_on_the_ground():
    assert line([(0, 0), (1, 0)], 100, 10, 0) == "M0 10L100 10"


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.03, 0.05), (1, 1), (3, 5), (7.2, 10), (101, 200), (5000, 5000)])
def test_a_ceiling_is_a_round_number_that_is_not_below(value, top):
    assert ceiling(value) == pytest.approx(top)


def test_a_quantile_lies_within_its_bucket():
    assert quantile(0.5, (1, 2, 4), [0, 10, 0, 0]) == 1.5
    assert quantile(0.95, (1, 2, 4), [50, 50, 0, 0]) == pytest.approx(1.9)


def test_a_quantile_above_all_bounds_is_the_last_one_and_of_nothing_there_is_none():
    assert quantile(0.95, (1, 2, 4), [0, 0, 0, 7]) == 4
    assert quantile(0.95, (1, 2, 4), [0, 0, 0, 0]) is None


def test_a_bar_above_nothing_is_never_invisible():
    small, large, none = bars([1, 10_000, 0], 30, 100)
    assert small.height > 0 and large.height == 100 and none.height == 0
