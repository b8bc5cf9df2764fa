"""A client for language models behind an OpenAI-compatible HTTP interface. It does not trust what the server sends."""

import logging
import re
import time
from collections.abc import Iterator

import httpx2

from .http_clients import HangUp, certificates, hanging_up_at
from .llm_answer import (
    BROKEN_OFF,
    TOO_LONG,
    CutOff,
    EndedEarly,
    ModelError,
    Thought,
    body,
    spoken,
    storable,
    whole_characters,
)
from .llm_calls import Call, Calls
from .llm_figures import Figures
from .llm_refusals import BLIND, LONGEST_PAUSE, PASSING, PAUSE, TOOLLESS, pause_before, refusal
from .llm_thoughts import told_apart

__all__ = ["Call", "CutOff", "LanguageModel", "ModelError", "Thought", "storable"]

log = logging.getLogger(__name__)

OPENAI = "https://api.openai.com/v1"
UNREACHABLE = "The model can't be reached right now."
CONNECT_WITHIN = 5.0  # seconds
#: The client repeats a request once if it failed within this many seconds.
QUICKLY = 5.0
#: The option that asks the server to count the tokens at the end, and what a server says that does not know it.
COUNT = {"stream_options": {"include_usage": True}}
UNKNOWN_OPTION = re.compile(r"stream_options|include_usage|extra|unrecogni[sz]ed|not permitted", re.IGNORECASE)
#: The addresses of servers that, as this process has found out, do not know the option.
uncounted: set[str] = set()
#: What a server says that takes no tools, or not these. One that says "context" finds them too long for the window.
NO_TOOLS = re.compile(r"(?is)(?!.*context).*\b(tools?|tool_\w+|functions?|function_\w+)\b")


class LanguageModel:
    """The model may be silent for ``timeout`` seconds, and may take ``longest`` seconds for a whole answer."""

    def __init__(
        self, base_url: str | None, api_key: str | None, model: str, timeout: float, longest: float, max_tokens: int
    ):
        self.url = f"{(base_url or OPENAI).rstrip('/')}/chat/completions"
        self.model, self.timeout, self.longest, self.max_tokens = model, timeout, longest, max_tokens
        self._key = api_key
        self._headers = {"Authorization": f"Bearer {api_key or 'none'}", "Accept": "text/event-stream"}
        self._headers |= {"Accept-Encoding": "identity"}  # a small compressed answer could be huge here
        #: Another thread calls it to end the answer.
        self.hang_up = HangUp()
        #: What the latest answer took, and the tools that it calls at its end.
        self.figures, self.calls = Figures(), list[Call]()

    def stream(self, messages: list[dict], tools: list[dict] | None = None) -> Iterator[str]:
        """The answer to ``messages`` (``{"role": …, "content": …}``), piece by piece as it is written; an empty piece
        is a sign of life, and a Thought is what the model thinks before it answers. It may call ``tools``, each as the
        interface describes a function; ``calls`` says which, once the answer has ended.

        Raises CutOff at its end if the model stopped at ``max_tokens``, and ModelError with a reason for people.
        Closing the iterator closes the connection, which stops the model.
        """
        started, deadline, calls = False, time.monotonic() + self.longest, Calls()
        self.figures, self.calls = Figures(), []
        try:
            with self._client() as client, hanging_up_at(deadline, self.hang_up):
                response = self._ask(client, messages, tools)
                self.figures.answered = True
                for piece in told_apart(whole_characters(spoken(body(response, deadline), self.figures, calls))):
                    started = True
                    self.figures.hear(piece.words if isinstance(piece, Thought) else piece)
                    yield piece
                self.calls = calls.collected() if tools else []
        except EndedEarly as error:  # perhaps because we hung up: without chunks, that looks like the end
            if time.monotonic() < deadline:
                raise
            raise self._failed(TOO_LONG, error) from error
        except httpx2.ConnectTimeout as error:
            raise self._failed(UNREACHABLE, error) from error
        except httpx2.TimeoutException as error:
            raise self._failed(TOO_LONG, error) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            reason = BROKEN_OFF if started else UNREACHABLE
            raise self._failed(TOO_LONG if time.monotonic() >= deadline else reason, error) from error
        finally:
            self.figures.end()

    def _client(self) -> httpx2.Client:
        timeouts = httpx2.Timeout(self.timeout, connect=min(self.timeout, CONNECT_WITHIN))
        return httpx2.Client(headers=self._headers, timeout=timeouts, follow_redirects=False, verify=certificates())

    def _ask(self, client: httpx2.Client, messages: list[dict], tools: list[dict] | None) -> httpx2.Response:
        """The response, once its status and head are good."""
        asked = {"model": self.model, "messages": messages, "max_tokens": self.max_tokens, "stream": True}
        offered = {"tools": tools} if tools else {}
        count = {} if self.url in uncounted else COUNT
        extensions = {"trace": self.hang_up.trace}
        request = client.build_request("POST", self.url, json=asked | offered | count, extensions=extensions)
        response = self._send_twice(client, request)
        if response.status_code == httpx2.codes.OK:
            return response
        words = self._words(response)
        about_tools = response.status_code in (400, 404, 422) and NO_TOOLS.match(words)
        if offered and about_tools:
            log.warning("the model at %s takes no tools, or not these: %.500r", self.url, words)
            return self._ask(client, messages, None)  # an answer without tools is better than none
        if count and response.status_code in (400, 422) and UNKNOWN_OPTION.search(words):
            uncounted.add(self.url)
            return self._ask(client, messages, tools)
        if about_tools and any(message["role"] == "tool" for message in messages):
            raise self._refused(response, words, ModelError(TOOLLESS))
        if "image" in words.lower() and any(isinstance(message["content"], list) for message in messages):
            raise self._refused(response, words, ModelError(BLIND))
        raise self._refused(response, words)

    def _send_twice(self, client: httpx2.Client, request: httpx2.Request) -> httpx2.Response:
        began, pause = time.monotonic(), PAUSE
        try:
            response = client.send(request, stream=True)
            if response.status_code not in PASSING or time.monotonic() - began > QUICKLY:
                return response
            pause = pause_before(response)
            if pause > LONGEST_PAUSE:
                return response
            response.close()
        except httpx2.ConnectError as error:
            log.info("the model at %s is asked once more after %r", self.url, error)
        if self.hang_up.wait(pause):
            raise ModelError(BROKEN_OFF)
        return client.send(request, stream=True)

    def _words(self, response: httpx2.Response) -> str:
        words = b"".join(body(response, time.monotonic() + self.timeout, most=10_000)).decode(errors="replace")
        return words.replace(self._key, "…") if self._key else words  # some servers repeat it

    def _refused(self, response: httpx2.Response, words: str, reason: ModelError | None = None) -> ModelError:
        log.warning("the model at %s answered %d: %.500r", self.url, response.status_code, words)
        return reason or refusal(response, words)

    def _failed(self, reason: str, error: Exception) -> ModelError:
        # After hanging up, an error is to be expected.
        log.log(logging.INFO if self.hang_up.called else logging.WARNING, "the model at %s failed: %r", self.url, error)
        return ModelError(reason)
