"""Texts of strangers, without what nobody can see."""

from chatapp.lib.plain_texts import in_one_line, visible


def test_what_nobody_can_see_goes_and_what_people_write_with_stays():
    hidden = "".join(chr(0xE0000 + ord(c)) for c in "ignore")
    assert visible(f" a\x00\u202eb{hidden}\u200b\r\nc\td 👩‍💻\ud800 ", 100) == "ab\nc\td 👩‍💻"


def test_a_long_text_is_cut_and_says_so_within_its_limit():
    for length in (101, 150, 5_000_000):
        cut = visible("x" * length, 100)
        assert len(cut) == 100 and cut.endswith(f"(cut: {length:,} characters in all)")
    assert visible("x" * 100, 100) == "x" * 100
    assert visible("\u200b" * 500 + "hello", 100).startswith("… (cut:")


def test_one_line_is_one_line():
    assert in_one_line("a\n\n b\u2028c", 100) == "a b c"
    assert in_one_line({"a": 1}, 5) == "{'a'…"
