import pytest

from chatapp.models.titles import TITLE_LIMIT, title_from


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("Where do we eat?", "Where do we eat?"),
        ("\n\n  Where   do\twe eat?\nHere.", "Where do we eat?"),
        ("# A *bold* `title`", "A bold title"),
        ("- [Plan](https://a.example) for **today**", "Plan for today"),
        ("***\n```\nreal words", "real words"),
        ("\u200b\n\u202eelpoep\nreal words", "real words"),
        ("***", ""),
        ("", ""),
    ],
)
def test_a_title_is_the_first_line_with_words_in_it(content, title):
    assert title_from(content) == title


def test_a_long_line_is_cut_at_a_word():
    title = title_from("word " * 40)
    assert title.endswith("word…") and len(title) <= 61


@pytest.mark.parametrize("content", ["x" * 10_000, "👩‍👩‍👧" * 3000, "字" * 10_000, "a " * 5000])
def test_a_title_always_fits(content):
    assert 0 < len(title_from(content)) <= TITLE_LIMIT
