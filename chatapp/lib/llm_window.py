"""Asks a language model's server how much the model can read. There is no standard, and most servers don't say."""

import json
import logging
import time
from typing import Any

import httpx2

from .http_clients import certificates, hanging_up_at
from .llm import OPENAI
from .llm_answer import ModelError, body

log = logging.getLogger(__name__)

#: Seconds for the whole answer.
ANSWER_WITHIN = 10.0
#: Bytes of an answer: a router lists hundreds of models.
MOST = 8 * 1024 * 1024
#: What servers call it: vLLM, OpenRouter, LM Studio and Mistral, Groq, and llama.cpp below "meta".
NAMES = ("max_model_len", "context_length", "max_context_length", "context_window", "n_ctx", "n_ctx_train")
#: What a window can be, in tokens.
LEAST, LARGEST = 256, 100_000_000


def told_window(base_url: str, api_key: str, model: str) -> int | None:
    """The tokens that ``model`` can read and write together; None where the server doesn't say. Never raises."""
    url = f"{(base_url or OPENAI).rstrip('/')}/models"
    try:
        return window_in(_fetched(url, api_key), model)
    except (httpx2.HTTPError, httpx2.InvalidURL, ModelError, OSError, ValueError, RecursionError) as error:
        log.info("the server at %s tells no window: %s", url, type(error).__name__)
        return None


def _fetched(url: str, api_key: str) -> Any:
    headers = {"Authorization": f"Bearer {api_key or 'none'}", "Accept-Encoding": "identity"}
    deadline = time.monotonic() + ANSWER_WITHIN
    options = {"timeout": ANSWER_WITHIN / 2, "follow_redirects": False, "verify": certificates()}
    with httpx2.Client(headers=headers, **options) as client, hanging_up_at(deadline) as trace:
        request = client.build_request("GET", url, extensions={"trace": trace})
        response = client.send(request, stream=True)
        read = b"".join(body(response, deadline, MOST))
    if response.status_code != httpx2.codes.OK:
        raise ValueError(response.status_code)
    return json.loads(read)


def window_in(answer: Any, model: str) -> int | None:
    """The window of ``model`` in a list of models."""
    match answer:
        case {"data": [*models]}:
            found = [one for one in models if isinstance(one, dict) and one.get("id") == model]
            # A server with one model answers for it by any name.
            found = found or [one for one in models if isinstance(one, dict) and len(models) == 1]
            return next((tokens for one in found if (tokens := _tokens(one))), None)
    return None


def _tokens(model: dict) -> int | None:
    meta = model.get("meta") if isinstance(model.get("meta"), dict) else {}
    said = (source.get(name) for name in NAMES for source in (model, meta))
    return next((n for n in said if type(n) is int and LEAST <= n <= LARGEST), None)
