"""How texts and queries are split into words."""

import random

import pytest

from chatapp.lib.search_marks import excerpt, marked
from chatapp.lib.search_query import SearchQuery, Term
from chatapp.lib.search_words import PUNCTUATION, TEXT_LIMIT, searchable

FILTERS = ("from", "in")


def read(typed: str) -> SearchQuery:
    return SearchQuery.read(typed, FILTERS)


def words(typed: str) -> list[str]:
    return [term.word for term in read(typed).terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Crème BRÛLÉE", "creme brulee"),
        ("Straße, Łódź and Ærø", "strasse lodz and aero"),
        ("Ёлка", "елка"),
        ("node.js", "node.js node js"),
        ("C++ and C#", "c++ c and c# c"),
        (".NET", ".net net"),
        ("don’t", "don't don t"),
        ("www.example.com", "www.example.com www www.example example example.com com"),
        ("see #42 (half)", "see 42 half"),
        ("北京大学", "北京 京大 大学 学"),
        ("我用Python", "我用 用 python"),
        ("학교에서", "학교 교에 에서 서"),
        ("ｶﾞｯｺｳ", "ガッ ッコ コウ ウ"),
        ("हिन्दी", "हिन्दी"),
        ("🎉 party", "🎉 party"),
        ("--- ... ''", ""),
    ],
)
def test_a_text_is_kept_as_its_words_without_case_and_accents(text, expected):
    assert searchable(text) == expected


def test_a_word_consists_of_what_no_index_splits():
    choose = random.Random(1)
    letters = "aé京カ한นि🎉 _-.'@+#\"\\:*()&|!<>^%~/\x00\u200d\ufe0f"
    for _ in range(2000):
        text = "".join(choose.choices(letters, k=12))
        for word in searchable(text).split(" "):
            assert all(c.isalnum() or c in PUNCTUATION or ord(c) > 127 for c in word), (text, word)
            assert not word.startswith(tuple("#@^")), (text, word)


def test_a_long_text_is_cut_at_a_word():
    kept = searchable("京都 " * 10_000)
    assert TEXT_LIMIT - 20 < len(kept.encode()) <= TEXT_LIMIT and set(kept.split()) == {"京都", "都"}
    assert len(searchable("x" * 20_000)) == 64


def test_the_last_word_may_be_the_beginning_of_one():
    assert read("red appl").terms == [Term("red"), Term("appl", begins=True)]
    assert read("red appl ").terms == [Term("red"), Term("appl")]
    assert read("red ap").terms == [Term("red"), Term("ap")]
    assert read('red "appl').terms == [Term("red"), Term("appl")]


def test_filters_and_phrases_are_no_words():
    query = read('from:"Bob Lee" IN:plans "red fox" http://a.b from:')
    assert query.filters == {"from": ["Bob Lee", ""], "in": ["plans"]}
    assert query.phrases == ["red fox"] and words("from:x from:") == []
    assert words("http://a.b to:me ") == ["http", "a.b", "to", "me"]


def test_a_text_without_spaces_is_looked_for_by_pairs_that_follow_each_other():
    query = read("北京大学")
    assert words("北京大学") == ["北京", "京大", "大学"] and query.phrases == ["北京 京大 大学"]
    assert read("京").terms == [Term("京", begins=True)] and read("京").phrases == []


def test_any_text_is_a_query():
    for typed in ("AND", "don't", '"', "a@b.c", "( OR", "*", "\\", "\x00", "NEAR(a b)", "a:*", "!x & | y", "'"):
        assert isinstance(read(typed).terms, list)
    assert len(words(" ".join(f"w{n}" for n in range(99)))) == 16


def shown(pieces) -> str:
    return "".join(f"[{piece.text}]" if piece.found else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "typed", "expected"),
    [
        ("École **normale**", "ecole ", "[École] normale"),
        ("Straße e\u0301te\u0301", "strasse ete ", "[Straße] [été]"),
        ("apples and pears", "app", "[app]les and pears"),
        ("我在北京大学学习", "北京大学", "我在[北京大学]学习"),
        ("node.js, js", "js ", "node.[js], [js]"),
        ("www.example.com", "example.com ", "www.[example.com]"),
        ("<b>bold</b>", "bold ", "<b>[bold]</b>"),
        ("nothing", "else ", "nothing"),
    ],
)
def test_the_words_found_are_marked_where_they_stand(text, typed, expected):
    assert shown(excerpt(text, read(typed).terms, 100)) == expected


def test_a_long_text_is_shown_around_the_first_word_found():
    for text in ("red " * 40 + "needle in hay " + "blue " * 40, "red " * 900 + "needle in hay " + "blue " * 900):
        line = shown(excerpt(text, [Term("needle")], 100))
        assert line.startswith("…red ") and "[needle] in hay blue" in line and line.endswith("blue…")
        assert len(line) < 110


def test_marking_loses_no_character():
    choose = random.Random(2)
    for _ in range(500):
        text = "".join(choose.choices("aAéß京大ﬁ½. -İ🎉", k=choose.randrange(20)))
        terms = [Term(word, begins=True) for word in words(text)] or [Term("a", begins=True)]
        assert "".join(piece.text for piece in marked(text, terms)) == text
