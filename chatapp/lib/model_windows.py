"""What well-known language models can read, by their names: how many tokens, and whether they take pictures.

The numbers come from their makers' pages and from the model cards at huggingface.co. Where versions of a family differ,
the smaller one stands here. A server may serve a model with less than it was made for, so its own word counts more.
"""

import re
from collections.abc import Mapping

#: The beginnings of names, with tokens. The longest one that fits counts.
WINDOWS = {
    "claude": 200_000,
    "codestral": 256_000,
    "command-a": 256_000,
    "command-r": 128_000,
    "deepseek": 16_384,
    "deepseek-chat": 128_000,
    "deepseek-r1": 128_000,
    "deepseek-reasoner": 128_000,
    "deepseek-v3": 128_000,
    "devstral": 128_000,
    "gemini": 1_048_576,
    "gemma": 8_192,
    "gemma-2": 8_192,
    "gemma-3": 128_000,
    "gemma-3-1b": 32_768,
    "gemma2": 8_192,
    "gemma3": 128_000,
    "gemma3:1b": 32_768,
    "glm-4": 128_000,
    "gpt-3.5": 16_385,
    "gpt-4": 8_192,
    "gpt-4-turbo": 128_000,
    "gpt-4.1": 1_047_576,
    "gpt-4o": 128_000,
    "gpt-5": 400_000,
    "gpt-oss": 131_072,
    "granite-3": 128_000,
    "grok": 131_072,
    "kimi-k2": 131_072,
    "llama-2": 4_096,
    "llama-3": 8_192,
    "llama-3.1": 131_072,
    "llama-3.2": 131_072,
    "llama-3.3": 131_072,
    "llama-4": 1_048_576,
    "llama2": 4_096,
    "llama3": 8_192,
    "llama3.1": 131_072,
    "llama3.2": 131_072,
    "llama3.3": 131_072,
    "magistral": 40_000,
    "ministral": 128_000,
    "mistral": 32_768,
    "mistral-large": 128_000,
    "mistral-medium": 128_000,
    "mistral-nemo": 128_000,
    "mistral-small": 32_768,
    "mixtral": 32_768,
    "o1": 200_000,
    "o3": 200_000,
    "o4": 200_000,
    "phi-3": 4_096,
    "phi-4": 16_384,
    "phi4": 16_384,
    "qwen2": 32_768,
    "qwen3": 32_768,
    "smollm": 2_048,
    "smollm2": 2_048,  # as the bundled server serves it
    "smollm3": 65_536,
    "yi": 4_096,
}
#: Families of which every version sees pictures, and those among them that don't. The longest one that fits counts.
SIGHT = {
    "bakllava": True,
    "claude": True,
    "claude-2": False,
    "claude-instant": False,
    "gemini": True,
    "gemma-3": True,
    "gemma-3-1b": False,
    "gemma3": True,
    "gemma3:1b": False,
    "gemma3:270m": False,
    "gpt-4-turbo": True,
    "gpt-4-turbo-preview": False,
    "gpt-4.1": True,
    "gpt-4o": True,
    "gpt-4o-audio": False,
    "gpt-5": True,
    "grok-4": True,
    "llama-4": True,
    "llama4": True,
    "llava": True,
    "minicpm-v": True,
    "moondream": True,
    "o1": True,
    "o1-mini": False,
    "o1-preview": False,
    "o3": True,
    "o3-mini": False,
    "o4": True,
    "phi-4-multimodal": True,
    "pixtral": True,
    "smolvlm": True,
}
#: In the names of models that see, while others of their family don't: "llama3.2-vision", "Qwen2.5-VL-7B", "qwen2.5vl".
_SEES = re.compile(r"(?<![a-z])(?:vision|vl)(?![a-z])")
#: Between the name of a family and what follows: "gpt-4o-mini" and "llama3.1:8b", but not "o1x".
_ENDS = re.compile(r"(?![a-z])")


def window_of(model: str) -> int | None:
    """The tokens that ``model`` can read and write together; None where the name says nothing.

    Takes names with a maker before them, as routers have: ``"mistralai/Mistral-Nemo-Instruct"``.
    """
    return _known(model, WINDOWS)


def sees_pictures(model: str) -> bool:
    """Whether ``model`` is known to take pictures. False where the name says nothing."""
    return bool(_SEES.search(model.lower()) or _known(model, SIGHT))


def _known(model: str, families: Mapping[str, int]) -> int | None:
    name = model.lower().rpartition("/")[2].removeprefix("meta-")
    known = [family for family in families if name.startswith(family) and _ENDS.match(name, len(family))]
    return families[max(known, key=len)] if known else None
