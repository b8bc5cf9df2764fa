import pytest

from chatapp.lib.model_windows import sees_pictures, window_of


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("gpt-4.1-mini", 1_047_576),
        ("gpt-4", 8_192),
        ("GPT-4o-2024-08-06", 128_000),
        ("llama3.1:8b-instruct", 131_072),
        ("llama3:8b", 8_192),
        ("meta-llama/Llama-3.3-70B-Instruct", 131_072),
        ("meta-llama/Meta-Llama-3-8B", 8_192),
        ("mistralai/Mistral-Nemo-Instruct-2407", 128_000),
        ("Qwen/Qwen3-8B", 32_768),
        ("smollm2", 2_048),
        ("gemma3:1b", 32_768),
        ("o3-mini", 200_000),
    ],
)
def test_a_model_is_known_by_the_longest_beginning_of_its_name(model, tokens):
    assert window_of(model) == tokens


@pytest.mark.parametrize("model", ["", "coder-1", "o1x", "yiddish", "my-llama3", "/", "gpt"])
def test_of_other_models_nothing_is_known(model):
    assert window_of(model) is None


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4o-mini",
        "gpt-4.1-mini",
        "gpt-4-vision-preview",
        "anthropic/claude-sonnet-4.5",
        "gemini-2.5-flash",
        "gemma3:12b",
        "o3",
        "llama3.2-vision:11b",
        "meta-llama/Llama-3.2-11B-Vision-Instruct",
        "Qwen/Qwen2.5-VL-7B-Instruct",
        "qwen2.5vl:7b",
        "llava:13b",
        "pixtral-12b",
    ],
)
def test_models_that_see_are_known_by_their_names(model):
    assert sees_pictures(model)


@pytest.mark.parametrize(
    "model",
    ["", "coder-1", "gpt-4", "gpt-3.5-turbo", "o3-mini", "o1-mini", "gemma3:1b", "llama3.2:3b", "smollm2", "revision-1",
     "claude-2.1", "mistral-small", "gpt-oss:20b"],
)  # fmt: skip
def test_of_other_models_it_is_not_assumed(model):
    assert not sees_pictures(model)
