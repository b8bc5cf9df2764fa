"""The places of a text where somebody may be mentioned."""

import pytest

from chatapp.lib.markdown import excerpt, places, to_html
from chatapp.lib.markdown_mentions import MOST_PLACES, Mentioned

BOB = Mentioned("Bob", "7", "Robert")
ROBERT = '<bdi class="mention" data-mention-id="7">@Robert</bdi>'


@pytest.mark.parametrize(
    "text",
    ["@Bob", "Hi @Bob, hello", "(@Bob)", "**@Bob**", "- @bob", "> @BOB!", "@Bob's", "@Bob#7", "a @Bob\n@Tom", "“@Bob”"],
)
def test_a_name_behind_an_at_is_a_mention(text):
    assert to_html(text, [BOB]).count(ROBERT) == 1


@pytest.mark.parametrize(
    "text",
    [
        "`@Bob`", "```\n@Bob\n```", "    @Bob", "[@Bob](https://a.example)", "https://a.example/@Bob", "a@Bob",
        "ann@Bob.example", r"\@Bob", "@@Bob", "@ Bob", "@Bobby", "@Bob#8", "@Bob#77", "a/@Bob", "www.a.example/@Bob",
        "@<b>Bob</b>",
    ],
)  # fmt: skip
def test_no_mention_is_in_code_in_a_link_or_in_a_word(text):
    assert "mention" not in to_html(text, [BOB])


def test_a_text_without_mentions_is_shown_as_it_was_typed():
    assert to_html("Hi @Bob") == "<p>Hi @Bob</p>"
    assert to_html("Hi @bob.example.com") == "<p>Hi @bob.example.com</p>"


def test_the_longest_name_is_shown():
    ann, lee = Mentioned("Ann", "1", "Ann"), Mentioned("Ann Lee", "2", "Ann Lee")
    html = to_html("@Ann Lee and @Ann", [ann, lee])
    assert html == (
        '<p><bdi class="mention" data-mention-id="2">@Ann Lee</bdi> and '
        '<bdi class="mention" data-mention-id="1">@Ann</bdi></p>'
    )


def test_names_are_text_and_no_html():
    html = to_html("@<b>Tom</b> & Co", [Mentioned("<b>Tom</b> & Co", "3", '"<i>"')])
    assert html == '<p><bdi class="mention" data-mention-id="3">@&quot;&lt;i&gt;&quot;</bdi></p>'
    assert "<script>" not in to_html("@Bob", [Mentioned("Bob", "7", "<script>")])
    assert "mention" not in to_html('<span class="at">@</span>Bob', [BOB])


def test_an_expression_in_a_name_is_no_expression():
    assert "mention" not in to_html("@Bxb", [Mentioned("B.b", "7", "B.b")])
    assert "mention" in to_html("@B.b (x", [Mentioned("B.b (x", "7", "B.b (x")])


def test_the_words_behind_each_place_are_told():
    assert places("Hi @Bob & co, `@Tom` **@Ann** Lee") == ["Bob & co, ", "Ann"]
    assert places("nobody") == []
    assert len(places(f"@{'x' * 500}")[0]) == 80


def test_a_text_has_a_limited_number_of_places():
    text = "\n\n".join(["@Bob @Bob"] * MOST_PLACES)
    assert len(places(text)) == MOST_PLACES == to_html(text, [BOB]).count(ROBERT)


def test_excerpts_have_the_name_as_typed():
    assert excerpt("Hi **@Bob**, look", 100) == "Hi @Bob, look"
