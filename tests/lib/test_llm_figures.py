"""What an answer of a model took: the server counts, or we guess."""

import time

import pytest

from chatapp.lib import llm
from chatapp.lib.llm import CutOff, LanguageModel, ModelError
from tests.provider import Counted, Cut, Failure, Limited, Paced, Provider, Raw, completion, counted, said
from tests.servers import wait_until

QUESTION = [{"role": "user", "content": "How are you?"}]
STOP = completion("", "stop")
UNKNOWN = Failure(400, "Unrecognized request argument supplied: stream_options")


@pytest.fixture
def provider(monkeypatch):
    monkeypatch.setattr(llm, "uncounted", set())
    with Provider() as provider:
        yield provider


@pytest.fixture
def model(provider) -> LanguageModel:
    return LanguageModel(provider.url, "key", "small", timeout=60, longest=60, max_tokens=64)


def tokens(model) -> tuple[int | None, int | None]:
    return model.figures.tokens_in, model.figures.tokens_out


def test_the_server_is_asked_to_count_and_believed(provider, model):
    provider.will(Counted("Fine, thanks.", 12, 3))
    assert "".join(model.stream(QUESTION)) == "Fine, thanks."
    assert provider.requests[0]["stream_options"] == {"include_usage": True}
    assert tokens(model) == (12, 3) and model.figures.answered


def test_the_time_to_the_first_word_and_the_whole_time_are_measured(provider, model):
    provider.will(Paced(["One", " two", " three"], every=0.03))
    answer = model.stream(QUESTION)
    assert next(filter(None, answer)) == "One"
    heard = time.monotonic()
    wait_until(lambda: time.monotonic() > heard + 0.06)  # the other pieces may be here already
    list(answer)
    assert 30 <= model.figures.first_ms <= model.figures.took_ms - 50


def test_where_nothing_is_counted_the_written_tokens_are_guessed_by_their_bytes(provider, model):
    provider.will("x" * 300)
    list(model.stream(QUESTION))
    assert tokens(model) == (None, None) and model.figures.estimated_out == 100


@pytest.mark.parametrize(
    "refusal",
    [UNKNOWN, Failure(422, '[{"type": "extra_forbidden", "loc": ["body", "stream_options"]}]')],
    ids=["400", "422"],
)
def test_a_server_that_does_not_know_the_option_answers_without_it_and_is_not_asked_for_it_again(
    provider, model, refusal
):
    provider.will(refusal, "Fine.", "Still fine.")
    assert "".join(model.stream(QUESTION)) == "Fine."
    assert "".join(model.stream(QUESTION)) == "Still fine."
    assert ["stream_options" in request for request in provider.requests] == [True, False, False]


def test_a_refusal_for_another_reason_is_not_asked_again(provider, model):
    provider.will(Failure(400, "the context length is exceeded"))
    with pytest.raises(ModelError, match="too long"):
        list(model.stream(QUESTION))
    assert len(provider.requests) == 1 and not model.figures.answered


def test_an_answer_that_breaks_off_has_figures_too(provider, model):
    provider.will(Cut("I think that"))
    with pytest.raises(ModelError):
        list(model.stream(QUESTION))
    assert model.figures.answered and model.figures.estimated_out == 4
    assert model.figures.first_ms is not None and model.figures.took_ms is not None


def test_each_answer_has_figures_of_its_own(provider, model):
    provider.will(Counted("Fine.", 12, 3), "Fine.")
    list(model.stream(QUESTION))
    list(model.stream(QUESTION))
    assert tokens(model) == (None, None)


def test_tokens_that_are_counted_behind_the_reason_of_the_end_are_heard(provider, model):
    provider.will(Raw(said(completion("One", "length"), counted(7, 1)) + b"data: [DONE]\n\n"))
    with pytest.raises(CutOff):
        list(model.stream(QUESTION))
    assert tokens(model) == (7, 1)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        [],
        {"prompt_tokens": "7", "completion_tokens": 1},
        {"prompt_tokens": -7, "completion_tokens": 1},
        {"prompt_tokens": 7},
        {"prompt_tokens": 10**30, "completion_tokens": 1},
        {"prompt_tokens": 7.5, "completion_tokens": 1},
    ],
)
def test_numbers_that_can_not_be_are_not_believed(provider, model, usage):
    provider.will(Raw(said(completion("Fine."), {"choices": [], "usage": usage}, STOP)))
    assert "".join(model.stream(QUESTION)) == "Fine."
    assert tokens(model) == (None, None)


def test_a_limit_of_tokens_has_figures(provider, model):
    provider.will(Limited("One two"))
    with pytest.raises(CutOff):
        list(model.stream(QUESTION))
    assert model.figures.took_ms is not None
