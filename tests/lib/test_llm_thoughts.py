"""What a model thinks is told from what it answers, wherever its text is cut into pieces."""

import pytest

from chatapp.lib.llm_answer import CutOff, Thought, spoken
from chatapp.lib.llm_figures import Figures
from chatapp.lib.llm_thoughts import told_apart
from tests.provider import completion, said, thinking


def apart(pieces) -> tuple[str, str]:
    """What was thought, and what was said."""
    found = list(told_apart(iter(pieces)))
    return "".join(piece.words for piece in found if isinstance(piece, Thought)), "".join(found)


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("Hello", "", "Hello"),
        ("<think>Hm. </think>\n\nHello", "Hm. ", "Hello"),
        ("\n <think>Hm.</think>Hello", "Hm.", "Hello"),
        ("<think></think>Hello <think>", "", "Hello <think>"),
        ("<think>a < b </thin b</think>c", "a < b </thin b", "c"),
        ("<think>Hm.", "Hm.", ""),
        ("<think>Hm.</thi", "Hm.</thi", ""),
        ("<thi", "", "<thi"),
        ("<thinking> aloud", "", "<thinking> aloud"),
        ("< think", "", "< think"),
        ("Look: <think>Hm.</think>", "", "Look: <think>Hm.</think>"),
        ("", "", ""),
    ],
)
def test_only_what_stands_between_the_tags_at_the_beginning_is_a_thought(text, thought, answer):
    for size in (1, 2, 3, 7, 100):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        assert apart(pieces) == (thought, answer)


def test_each_piece_is_a_sign_of_life():
    pieces = ["<th", "ink>", "", "H", "m</", "think>", "A"]
    assert len(list(told_apart(iter(pieces)))) >= len(pieces)


def test_whoever_reads_only_the_answer_takes_a_thought_for_a_sign_of_life():
    assert "".join(told_apart(iter(["<think>Hm.</think>", "Hello"]))) == "Hello"
    assert not Thought("Hm.") and Thought("Hm.").words == "Hm."


def test_what_is_held_back_comes_before_the_cut():
    def pieces():
        yield "<think>Hm.</thi"
        raise CutOff

    found = []
    with pytest.raises(CutOff):
        for piece in told_apart(pieces()):
            found.append(piece)
    assert "".join(piece.words for piece in found) == "Hm.</thi"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_both_names_that_servers_have_for_it_are_known(field):
    events = said(thinking("Hm.", field), completion("Hello"), completion("", "stop"))
    found = list(spoken(iter([events]), Figures()))
    assert [piece.words for piece in found if isinstance(piece, Thought)] == ["Hm."] and "".join(found) == "Hello"


@pytest.mark.parametrize("field", [["a"], {"a": 1}, 5, None])
def test_reasoning_that_is_no_text_is_none(field):
    events = said(thinking(field), completion("Hello", "stop"))
    assert not any(isinstance(piece, Thought) for piece in spoken(iter([events]), Figures()))
