import pytest

from chatapp.lib import amounts
from chatapp.lib.plot import bars


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0", 0), ("1.50", 1_500_000), ("1,50", 1_500_000), ("0.000001", 1), ("999999999", 999_999_999_000_000)],
)
def test_an_amount_is_read_as_people_write_it(text, amount):
    assert amounts.millionths(text) == amount


@pytest.mark.parametrize("text", ["", "two", "-1", "1,000", "1.0000001", "1e3", "1.", ".5", "٣", "1 000", "9" * 10])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError):
        amounts.millionths(text)


def test_a_whole_number_may_have_thousands():
    assert [amounts.whole(text) for text in ("50000", "50,000", "1 250 000")] == [50_000, 50_000, 1_250_000]
    for text in ("", "5.5", "5,0", "-5", "9" * 13):
        with pytest.raises(ValueError):
            amounts.whole(text)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "not known"),
        (0, "0.00 EUR"),
        (12_500_000, "12.50 EUR"),
        (420, "0.00042 EUR"),
        (1, "0.000001 EUR"),
        (76_000, "0.08 EUR"),
    ],
)
def test_money_shows_the_digits_that_say_something(amount, words):
    assert amounts.money(amount, "EUR") == words


def test_numbers_and_times_are_short():
    assert [amounts.compact(n) for n in (950, 12_345, 913_500, 4_500_000)] == ["950", "12.3 k", "914 k", "4.5 M"]
    assert [amounts.seconds(ms) for ms in (None, 840, 12_400, 125_000)] == ["not known", "0.8 s", "12 s", "2 min 5 s"]


def test_what_a_field_shows_is_read_as_the_same_amount():
    for amount in (0, 1, 1_500_000, 10_000_000, 123_456_789_012_345):
        assert amounts.millionths(amounts.plain(amount)) == amount


def test_bars_are_as_high_as_their_values_and_never_invisible():
    low, none, high = bars([1, 0, 10_000], 300, 100)
    assert (high.y, high.height, none.height) == (0, 100, 0)
    assert 0 < low.height < 2 and low.x < none.x < high.x < 300
    assert [bar.height for bar in bars([0, 0], 300, 100)] == [0, 0]
