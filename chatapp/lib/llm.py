"""A language model behind an OpenAI-compatible HTTP interface."""

import logging
from collections.abc import Iterator

import openai

log = logging.getLogger(__name__)

BROKEN_OFF = "The connection to the model broke off."


class ModelError(Exception):
    """The model gave no answer. The text is a reason to show to people."""


class LanguageModel:
    """``timeout`` is the number of seconds to wait for the connection and between two pieces of the answer."""

    def __init__(self, base_url: str | None, api_key: str | None, model: str, timeout: float, max_tokens: int):
        self.model, self.timeout, self.max_tokens = model, timeout, max_tokens
        self._server = {"base_url": base_url or None, "api_key": api_key or "none"}
        self._server |= {"timeout": timeout, "max_retries": 1}

    def stream(self, messages: list[dict[str, str]]) -> Iterator[str]:
        """The answer to ``messages`` (``{"role": …, "content": …}``), piece by piece as it is written.

        Raises ModelError with a reason for people. Closing the iterator closes the connection, which stops the model.
        """
        started = False
        try:
            with openai.OpenAI(**self._server) as client, self._ask(client, messages) as chunks:
                for chunk in chunks:
                    started = True
                    if chunk.choices and (piece := chunk.choices[0].delta.content):
                        yield piece
        except openai.APIError as error:
            log.warning("the model at %s failed: %r", self._server["base_url"], error)
            raise ModelError(_reason(error, started)) from error
        except OSError as error:
            raise ModelError(BROKEN_OFF) from error

    def _ask(self, client: openai.OpenAI, messages: list[dict[str, str]]) -> openai.Stream:
        return client.chat.completions.create(
            model=self.model, messages=messages, max_tokens=self.max_tokens, stream=True
        )


def _reason(error: openai.APIError, started: bool) -> str:
    match error:
        case openai.APITimeoutError():
            return "The model took too long to answer."
        case openai.APIConnectionError() if started:
            return BROKEN_OFF
        case openai.APIConnectionError():
            return "The model can't be reached right now."
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return "The model refused our key. An administrator has to check OPENAI_API_KEY."
        case openai.RateLimitError():
            return "The model is busy or our quota is used up. Try again in a while."
        case openai.NotFoundError():
            return "The model does not exist there. An administrator has to check ASSISTANT_MODEL."
        case openai.BadRequestError() if "context" in str(error).lower():
            return "This conversation is too long for the model."
        case openai.InternalServerError():
            return "The model's server has a problem. Try again in a while."
    return "The model could not answer this."
