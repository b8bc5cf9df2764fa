import pytest

from chatapp.lib.page_words import DESCRIPTION, TITLE, Words, words_of

HTML = "text/html"


def title_of(markup: str) -> str:
    return words_of(markup.encode(), HTML).title


def test_a_page_says_what_it_is():
    page = b"""<!DOCTYPE html><html><head><title> The
      plan &amp; more</title><meta name="Description" content="What we do."></head><body><title>No</title>"""
    assert words_of(page, HTML) == Words("The plan & more", "What we do.", "")


def test_what_it_says_for_previews_comes_first():
    page = b"""<title>The plan | Example</title><meta property=og:title content="The plan">
      <meta name=description content=Long><meta property="og:description" content="Short">"""
    assert words_of(page, HTML)[:2] == ("The plan", "Short")


@pytest.mark.parametrize("page", [b"", b"plain text", b"<title></title>", b"<meta><meta content=x>", bytes(range(256))])
def test_what_says_nothing_has_no_words(page):
    assert words_of(page, HTML) == Words("", "", "")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("<title>Grüße</title>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ('<meta charset="windows-1252"><title>Grüße</title>'.encode("cp1252"), HTML),
        ("<title>Grüße</title>".encode(), "text/html; charset=klingon"),
        ("<title>Grüße</title>".encode(), "text/html; charset=base64"),
        ("<title>Grüße</title>".encode(), "text/html; charset=punycode"),
        ("<title>Grüße</title>".encode(), HTML),
    ],
)
def test_a_page_is_read_in_its_encoding(content, content_type):
    assert words_of(content, content_type).title == "Grüße"


def test_marks_that_turn_or_hide_text_are_left_out():
    assert title_of("<title>\u202egpj.exe\u2066 \u200b\x00a\x1b[31m\ufeff&#x202e;</title>") == "gpj.exe a[31m"
    assert title_of("<title>👩\u200d💻</title>") == "👩\u200d💻"


def test_a_pile_of_accents_is_cut():
    accent = "\u0301"
    assert title_of(f"<title>a{accent * 500}b</title>") == f"a{accent * 3}b"


def test_a_long_text_is_cut():
    found = words_of(f"<title>{'x' * 10_000}</title><meta name=description content={'y' * 10_000}>".encode(), HTML)
    assert (found.title, found.description) == ("x" * (TITLE - 1) + "…", "y" * (DESCRIPTION - 1) + "…")


def test_markup_in_a_title_is_text_or_nothing():
    assert title_of("<title>&lt;b onclick=x&gt;Hi&lt;/b&gt;</title>") == "<b onclick=x>Hi</b>"
    assert "alert" not in title_of("<title>Hi<script>alert(1)</script></title>")


@pytest.mark.parametrize("end", ["<!", "<![foo[", "<a " * 5_000, "<!--" * 5_000, "<![" * 5_000, "&#" * 5_000, "<title"])
def test_what_comes_before_a_broken_place_counts(end):
    assert title_of(f"<title>Good</title><p>{end}") == "Good"
