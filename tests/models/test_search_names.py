"""How people and chats are found by what a person typed of their names."""

from collections import Counter

from chatapp.models import search_names
from chatapp.models.search_names import called

NAMED = [(1, "Ada Lovelace"), (2, "Bob Stone"), (3, "Bob Stone"), (4, "Élodie Bob")]


def test_a_whole_name_comes_before_how_its_words_begin():
    assert called(["bob stone"], NAMED) == [2, 3] and called(["elo"], NAMED) == [4]
    assert called(["bob", "ada"], NAMED) == [2, 3, 4, 1] and called(["lo ad"], NAMED) == [1]
    assert called(["@Bob#3"], NAMED) == [3] and called(["bob#9"], NAMED) == called(["."], NAMED) == []
    assert called(["me"], NAMED, me=7) == [7] and called(["me"], NAMED) == []


def test_names_are_folded_and_split_once_however_many_values_there_are(monkeypatch):
    calls = Counter()
    for name in ("fold", "words_for"):
        monkeypatch.setattr(search_names, name, counted(calls, name, getattr(search_names, name)))
    named = [(id, f"Person {id}") for id in range(1, 51)]
    values = [f"q{letter}" for letter in "abcdefghijklmnopqrstuvwx"]
    assert called(values, named, me=1) == []
    assert calls["fold"] <= len(named) + 2 * len(values) and calls["words_for"] <= len(named) + len(values)


def counted(calls: Counter, name: str, function):
    def call(text: str):
        calls[name] += 1
        return function(text)

    return call
