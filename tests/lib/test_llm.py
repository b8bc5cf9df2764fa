import pytest

from chatapp.lib.llm import LanguageModel, ModelError
from tests.provider import Cut, Failure, Hang, Provider, StreamError
from tests.servers import free_port, wait_until

QUESTION = [{"role": "user", "content": "How are you?"}]


@pytest.fixture
def provider():
    with Provider() as provider:
        yield provider


@pytest.fixture
def model(provider) -> LanguageModel:
    return LanguageModel(provider.url, "key", "small", timeout=5, max_tokens=64)


def reason(model) -> str:
    with pytest.raises(ModelError) as failure:
        list(model.stream(QUESTION))
    return str(failure.value)


def test_an_answer_comes_in_pieces(provider, model):
    provider.will("Fine, and\nyou?")
    pieces = list(model.stream(QUESTION))
    assert len(pieces) == 3 and "".join(pieces) == "Fine, and\nyou?"


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


def test_a_model_that_says_nothing_for_too_long_has_failed(provider):
    provider.will(Hang())
    impatient = LanguageModel(provider.url, "key", "small", timeout=0.2, max_tokens=64)
    assert reason(impatient) == "The model took too long to answer."


def test_a_model_that_stops_in_the_middle_has_failed(provider):
    provider.will(Hang("I think that"))
    impatient = LanguageModel(provider.url, "key", "small", timeout=0.2, max_tokens=64)
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
    model = LanguageModel(f"http://127.0.0.1:{free_port()}/v1", "", "small", timeout=5, max_tokens=64)
    assert reason(model) == "The model can't be reached right now."


def test_an_empty_answer_is_no_piece(provider, model):
    provider.will("")
    assert list(model.stream(QUESTION)) == []


def test_closing_the_answer_stops_the_model(provider, model):
    provider.will(Hang("I think that"))
    answer = model.stream(QUESTION)
    assert next(answer) == "I"
    answer.close()
    wait_until(provider.disconnected.is_set)
