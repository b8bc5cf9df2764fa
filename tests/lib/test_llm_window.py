import pytest

from chatapp.lib.llm_window import told_window, window_in
from tests.provider import Provider
from tests.servers import free_port


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ({"id": "one", "max_model_len": 32768}, 32768),
        ({"id": "one", "context_length": 131072}, 131072),
        ({"id": "one", "meta": {"n_ctx_train": 8192, "n_embd": 576}}, 8192),
        ({"id": "one", "meta": {"n_ctx": 4096, "n_ctx_train": 8192}}, 4096),
        ({"id": "one"}, None),
        ({"id": "one", "max_model_len": "32768", "meta": 5}, None),
        ({"id": "one", "max_model_len": True}, None),
        ({"id": "one", "max_model_len": 10**12}, None),
        ({"id": "other", "max_model_len": 32768}, None),
    ],
)
def test_servers_say_it_in_different_ways(model, tokens):
    assert window_in({"data": [model, {"id": "another", "max_model_len": 1024}]}, "one") == tokens


def test_a_server_with_one_model_means_that_one():
    assert window_in({"data": [{"id": "/models/q.gguf", "meta": {"n_ctx_train": 8192}}]}, "one") == 8192


@pytest.mark.parametrize("answer", [None, [], {}, {"data": {}}, {"data": [1]}, {"data": []}, "x"])
def test_other_answers_say_nothing(answer):
    assert window_in(answer, "one") is None


def test_it_is_asked_over_http_and_a_server_that_is_away_says_nothing():
    with Provider() as provider:
        provider.models = [{"id": "one", "max_model_len": 16384}]
        assert told_window(provider.url, "sk-1", "one") == 16384
        assert told_window(f"{provider.url}/nowhere", "", "one") is None
    assert told_window(f"http://127.0.0.1:{free_port()}/v1", "", "one") is None
