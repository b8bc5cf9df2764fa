from threading import Event, Thread

import pytest

from chatapp.lib.llm import CutOff, LanguageModel, ModelError
from tests.provider import Cut, Drip, EndlessHead, Failure, Hang, Limited, Provider, Raw, StreamError, completion, said
from tests.servers import free_port, wait_until

QUESTION = [{"role": "user", "content": "How are you?"}]


@pytest.fixture
def provider():
    with Provider() as provider:
        yield provider


def model_at(provider, timeout: float = 60, longest: float = 60) -> LanguageModel:
    return LanguageModel(provider.url, "key", "small", timeout=timeout, longest=longest, max_tokens=64)


@pytest.fixture
def model(provider) -> LanguageModel:
    return model_at(provider)


def reason(model) -> str:
    with pytest.raises(ModelError) as failure:
        list(model.stream(QUESTION))
    return str(failure.value)


def test_an_answer_comes_in_pieces(provider, model):
    provider.will("Fine, and\nyou?")
    pieces = [piece for piece in model.stream(QUESTION) if piece]
    assert len(pieces) == 3 and "".join(pieces) == "Fine, and\nyou?"


def test_no_piece_ends_within_a_character(provider, model):
    provider.will(["a\ud83d", "", "\ude00b\ud83d", "c", "d\ud83d"])
    pieces = [piece for piece in model.stream(QUESTION) if piece]
    assert pieces == ["a", "😀b", "\ud83dc", "d", "\ud83d"]


def test_half_a_character_at_the_limit_of_an_answer_is_the_last_piece(provider, model):
    provider.will(Limited(["a\ud83d"]))
    pieces = []
    with pytest.raises(CutOff):
        for piece in model.stream(QUESTION):
            pieces.append(piece)
    assert "".join(pieces) == "a\ud83d"


def test_the_question_is_asked_as_it_is(provider, model):
    list(model.stream(QUESTION))
    request = provider.requests[0]
    assert request["messages"] == QUESTION
    assert (request["model"], request["stream"]) == ("small", True)
    assert 64 in (request.get("max_tokens"), request.get("max_completion_tokens"))


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Failure(401), "refused our key"),
        (Failure(403), "refused our key"),
        (Failure(404), "does not exist"),
        (Failure(429), "busy or our quota is used up"),
        (Failure(500), "server has a problem"),
        (Failure(503), "server has a problem"),
        (Failure(400, "the context length is exceeded", "context_length_exceeded"), "too long for the model"),
        (Failure(429, retry_after="90"), "The model is busy. Try again in 2 minutes."),
        (Failure(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), "busy or our quota is used up"),
        (Failure(429, retry_after="soon"), "busy or our quota is used up"),
        (Failure(429, "You exceeded your quota.", "insufficient_quota"), "An administrator has to raise it."),
        (Failure(400, "no such model", "model_not_found"), "check its name"),
        (Failure(400, "filtered", "content_filter"), "The model declined to answer this. Ask in other words."),
        (Failure(400, "something else"), "could not answer this"),
        (Failure(418), "could not answer this"),
    ],
)
def test_a_failure_has_a_reason_for_people(provider, model, failure, words):
    provider.will(failure)
    assert words in reason(model)


@pytest.mark.parametrize("failure", [Failure(401), Failure(500, "secret internals of the server")])
def test_a_reason_tells_nothing_of_the_inside(provider, model, failure):
    provider.will(failure)
    assert "key" not in reason(model).replace("refused our key", "").replace("OPENAI_API_KEY", "")
    assert "internals" not in reason(model)


@pytest.mark.parametrize("failure", [Failure(500), Failure(429)])
def test_what_passes_is_tried_again_once(provider, model, failure):
    provider.will(failure, "All right again")
    assert "".join(model.stream(QUESTION)) == "All right again"
    assert len(provider.requests) == 2


def test_a_server_that_asks_for_a_long_pause_is_not_asked_again(provider, model):
    provider.will(Failure(429, retry_after="20"), "Too early")
    assert reason(model) == "The model is busy. Try again in 20 seconds."
    assert len(provider.requests) == 1


def test_a_model_that_declines_in_the_middle_says_so_and_its_own_words_are_kept(provider, model):
    provider.will(Raw(said(completion("I can"), completion("", "content_filter"))))
    assert "declined" in reason(model)
    refused = {"choices": [{"delta": {"refusal": "I can't help with that."}, "finish_reason": "stop"}]}
    provider.will(Raw(said(refused)))
    assert "".join(model.stream(QUESTION)) == "I can't help with that."


def hung_up(model, wait) -> str:
    """The reason, where another thread hangs up once ``wait()`` is over."""
    thread = Thread(target=lambda: (wait(), model.hang_up()))
    thread.start()
    try:
        return reason(model)
    finally:
        thread.join()


def test_another_thread_hangs_up_while_the_model_is_silent(provider, model):
    provider.will(Hang("I think that"))
    assert "broke off" in hung_up(model, lambda: wait_until(lambda: model.figures.first_ms is not None))
    wait_until(provider.disconnected.is_set)  # sooner than after the model's silence


def test_another_thread_hangs_up_in_the_pause_before_a_second_try(provider, model, monkeypatch):
    provider.will(Failure(503, retry_after="5"), "Too late")
    pausing, wait = Event(), model.hang_up.wait
    monkeypatch.setattr(model.hang_up, "wait", lambda seconds: pausing.set() or wait(60))
    assert "broke off" in hung_up(model, lambda: pausing.wait(60))
    assert len(provider.requests) == 1


def test_who_was_hung_up_on_before_it_began_asks_nobody(provider, model):
    provider.will("Too late")
    model.hang_up()
    reason(model)
    assert provider.requests == []


def test_a_model_that_says_nothing_for_too_long_has_failed(provider):
    provider.will(Hang())
    impatient = model_at(provider, timeout=0.2)
    assert reason(impatient) == "The model took too long to answer."


def test_a_silent_model_is_asked_once_and_not_waited_for_twice(provider):
    provider.will(Hang())
    assert reason(model_at(provider, timeout=0.2)) == "The model took too long to answer."
    wait_until(lambda: provider.requests)
    assert len(provider.requests) == 1


def test_an_answer_that_is_never_silent_and_never_done_ends_after_its_time(provider):
    provider.will(Drip("on and "))
    pieces = model_at(provider, longest=0.5).stream(QUESTION)
    with pytest.raises(ModelError, match="took too long"):
        for _ in pieces:
            pass
    wait_until(provider.disconnected.is_set)


def test_signs_of_life_without_a_word_end_after_their_time_too(provider):
    provider.will(Raw(b": still here\n\n", times=200_000))
    assert reason(model_at(provider, longest=0.05)) == "The model took too long to answer."


@pytest.mark.parametrize("behaviour", [Hang("I think that"), Raw(b": still here\n\n", times=2, every=30)])
def test_one_that_is_hung_up_on_after_its_time_took_too_long_however_its_answer_would_have_ended(provider, behaviour):
    """Without a length or chunks, an answer that is broken off looks like one that has ended."""
    provider.will(behaviour)
    assert reason(model_at(provider, longest=0.3)) == "The model took too long to answer."


def test_an_answer_that_was_complete_in_time_is_one_even_if_its_connection_stays_open(provider):
    provider.will(Raw(b'data: {"choices": [{"delta": {"content": "Yes."}, "finish_reason": "stop"}]}\n\n', 2, every=30))
    assert "".join(model_at(provider, longest=2).stream(QUESTION)) == "Yes."


def test_a_head_without_an_end_has_no_more_time_than_the_whole_answer(provider):
    provider.will(EndlessHead(every=0.05))
    assert reason(model_at(provider, longest=1)) == "The model took too long to answer."
    wait_until(provider.disconnected.is_set)


def test_a_model_that_stops_in_the_middle_has_failed(provider):
    provider.will(Hang("I think that"))
    impatient = model_at(provider, timeout=0.2)
    assert reason(impatient) == "The model took too long to answer."


def test_a_connection_that_breaks_in_the_middle_has_a_reason(provider, model):
    provider.will(Cut("I think that"))
    pieces = []
    with pytest.raises(ModelError, match="broke off"):
        for piece in model.stream(QUESTION):
            pieces.append(piece)
    assert "".join(pieces) == "I think that"


def test_an_error_inside_of_the_answer_has_a_reason(provider, model):
    provider.will(StreamError("I think that"))
    assert reason(model)


def test_a_server_that_is_not_there_has_a_reason():
    model = LanguageModel(f"http://127.0.0.1:{free_port()}/v1", "", "small", timeout=5, longest=60, max_tokens=64)
    assert reason(model) == "The model can't be reached right now."


def test_an_empty_answer_is_no_piece(provider, model):
    provider.will("")
    assert "".join(model.stream(QUESTION)) == ""


def test_closing_the_answer_stops_the_model(provider, model):
    provider.will(Hang("I think that"))
    answer = model.stream(QUESTION)
    assert next(filter(None, answer)) == "I"
    answer.close()
    wait_until(provider.disconnected.is_set)


def test_an_answer_that_reached_the_limit_of_tokens_says_so(provider, model):
    provider.will(Limited("One two"))
    heard = []
    with pytest.raises(CutOff):
        heard.extend(model.stream(QUESTION))
    assert len(provider.requests) == 1


GOOD = completion("Fine.", "stop")
MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ({"choices": []}, ""),
        ({"choices": [{}]}, ""),
        ({"choices": [None]}, ""),
        ({"choices": "none"}, ""),
        ({"choices": [{"delta": None}]}, ""),
        ({"choices": [{"delta": {"content": None}}]}, ""),
        ({"choices": [{"delta": {"content": ["a"]}, "finish_reason": 7}]}, ""),
        ({"choices": [{"delta": {"content": "So: "}}]}, "So: "),
        ({}, ""),
        ([], ""),
        (7, ""),
        (None, ""),
    ],
)
def test_an_event_without_words_is_passed_over(provider, model, event, text):
    provider.will(Raw(said(event, GOOD)))
    assert "".join(model.stream(QUESTION)) == f"{text}Fine."


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (Raw(b"data: {\n\n"), "can be read"),
        (Raw(b"data: \xff\xfe\xfd\n\n"), "can be read"),
        (Raw(b"data: " + b"[" * 100_000 + b"\n\n"), "can be read"),
        (Raw(b"data: " + b"7" * 10_000 + b"\n\n"), "can be read"),
        (Raw(b"<html>Log in to the network of this hotel</html>"), "broke off"),
        (Raw(b""), "broke off"),
        (Raw(said(completion("So"))), "broke off"),
        (Raw(b"\x1f\x8b\x08", headers=(("Content-Encoding", "gzip"),)), "can be read"),
        (Raw(b"x" * MEGABYTE, times=40), "too much"),
        (Raw(b": x\n" * (MEGABYTE // 4), times=40), "too much"),
        (Raw(b"x" * MEGABYTE, times=40, status=500), "too much"),
        (Raw(b"", status=204), "could not answer"),
    ],
)
def test_what_is_no_answer_has_a_reason_for_people(provider, model, raw, words):
    provider.will(raw)
    assert words in reason(model)


def test_a_redirect_is_not_followed(provider, model):
    with Provider() as elsewhere:
        provider.will(Raw(b"", status=307, headers=(("Location", f"{elsewhere.url}/chat/completions"),)))
        assert "leads elsewhere" in reason(model)
        assert elsewhere.requests == []


@pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://127.0.0.1/v1", "http://[::1/v1"])
def test_an_address_that_is_none_has_a_reason(url):
    model = LanguageModel(url, "", "small", timeout=5, longest=60, max_tokens=64)
    assert reason(model) == "The model can't be reached right now."
