"""A client for language models behind an OpenAI-compatible HTTP interface. It does not trust what the server sends."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx2

from .http_clients import certificates, hanging_up_at
from .llm_answer import BROKEN_OFF, TOO_LONG, CutOff, ModelError, body, spoken, storable

__all__ = ["CutOff", "LanguageModel", "ModelError", "storable"]

log = logging.getLogger(__name__)

OPENAI = "https://api.openai.com/v1"
UNREACHABLE = "The model can't be reached right now."
CONNECT_WITHIN = 5.0  # seconds
#: The client tries a request that failed within this many seconds a second time, after a pause (in seconds too).
QUICKLY, PAUSE = 5.0, 0.5
#: Statuses of trouble that may pass in a moment.
PASSING = {408, 429, 500, 502, 503, 504}
REASONS = {
    401: "The model refused our key. An administrator has to check OPENAI_API_KEY.",
    403: "The model refused our key. An administrator has to check OPENAI_API_KEY.",
    404: "The model does not exist there. An administrator has to check ASSISTANT_MODEL.",
    429: "The model is busy or our quota is used up. Try again in a while.",
}


class LanguageModel:
    """The model may be silent for ``timeout`` seconds, and may take ``longest`` seconds for a whole answer."""

    def __init__(
        self, base_url: str | None, api_key: str | None, model: str, timeout: float, longest: float, max_tokens: int
    ):
        self.url = f"{(base_url or OPENAI).rstrip('/')}/chat/completions"
        self.model, self.timeout, self.longest, self.max_tokens = model, timeout, longest, max_tokens
        self._headers = {"Authorization": f"Bearer {api_key or 'none'}", "Accept": "text/event-stream"}
        self._headers |= {"Accept-Encoding": "identity"}  # a small compressed answer could be huge here

    def stream(self, messages: list[dict[str, str]]) -> Iterator[str]:
        """The answer to ``messages`` (``{"role": …, "content": …}``), piece by piece as it is written; an empty piece
        is a sign of life.

        Raises CutOff at its end if the model stopped at ``max_tokens``, and ModelError with a reason for people.
        Closing the iterator closes the connection, which stops the model.
        """
        started, deadline = False, time.monotonic() + self.longest
        try:
            with self._client() as client, hanging_up_at(deadline) as trace:
                for piece in spoken(body(self._ask(client, messages, trace), deadline)):
                    started = True
                    yield piece
        except httpx2.ConnectTimeout as error:
            raise self._failed(UNREACHABLE, error) from error
        except httpx2.TimeoutException as error:
            raise self._failed(TOO_LONG, error) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            reason = BROKEN_OFF if started else UNREACHABLE
            raise self._failed(TOO_LONG if time.monotonic() >= deadline else reason, error) from error

    def _client(self) -> httpx2.Client:
        timeouts = httpx2.Timeout(self.timeout, connect=min(self.timeout, CONNECT_WITHIN))
        return httpx2.Client(headers=self._headers, timeout=timeouts, follow_redirects=False, verify=certificates())

    def _ask(self, client: httpx2.Client, messages: list[dict[str, str]], trace: Callable) -> httpx2.Response:
        """The response, once its status and head are good."""
        asked = {"model": self.model, "messages": messages, "max_tokens": self.max_tokens, "stream": True}
        request = client.build_request("POST", self.url, json=asked, extensions={"trace": trace})
        response = self._send_twice(client, request)
        if response.status_code != httpx2.codes.OK:
            raise self._refused(response)
        return response

    def _send_twice(self, client: httpx2.Client, request: httpx2.Request) -> httpx2.Response:
        began = time.monotonic()
        with suppress(httpx2.ConnectError):
            response = client.send(request, stream=True)
            if response.status_code not in PASSING or time.monotonic() - began > QUICKLY:
                return response
            response.close()
        time.sleep(PAUSE)
        return client.send(request, stream=True)

    def _refused(self, response: httpx2.Response) -> ModelError:
        words = b"".join(body(response, time.monotonic() + self.timeout, most=10_000)).decode(errors="replace")
        log.warning("the model at %s answered %d: %.500r", self.url, response.status_code, words)
        if response.is_redirect:
            return ModelError("The model's address leads elsewhere. An administrator has to check OPENAI_BASE_URL.")
        if response.status_code == httpx2.codes.BAD_REQUEST and "context" in words.lower():
            return ModelError("This conversation is too long for the model.")
        if response.is_server_error:
            return ModelError("The model's server has a problem. Try again in a while.")
        return ModelError(REASONS.get(response.status_code, "The model could not answer this."))

    def _failed(self, reason: str, error: Exception) -> ModelError:
        log.warning("the model at %s failed: %r", self.url, error)
        return ModelError(reason)
