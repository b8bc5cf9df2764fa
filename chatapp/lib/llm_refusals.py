"""Turns what a model's server says with an error status into one sentence that tells people what to do."""

import time
from contextlib import suppress
from email.utils import parsedate_to_datetime

import httpx2

from .llm_answer import DECLINED, ModelError

#: Statuses of trouble that may pass in a moment.
PASSING = {408, 429, 500, 502, 503, 504}
#: Seconds before a second try if the server names no time; and the longest time that the client itself waits.
PAUSE, LONGEST_PAUSE = 0.5, 5.0

KEY = "The model refused our key. An administrator has to check it."
MODEL = "The model does not exist there. An administrator has to check its name."
QUOTA = "Our quota at the model's provider is used up. An administrator has to raise it."
BUSY = "The model is busy or our quota is used up. Try again in a while."
ELSEWHERE = "The model's address leads elsewhere. An administrator has to check it."
CONTEXT = "This conversation is too long for the model. Ask in a new chat, or send a shorter message."
BROKEN = "The model's server has a problem. Try again in a while."
BLIND = "The model did not take the pictures of this chat. An administrator can have it get their names only."
TOOLLESS = "The model did not take what its tools have found. An administrator can take the tools away from it."
UNKNOWN = "The model could not answer this."

STATUSES = {401: KEY, 403: KEY, 404: MODEL, 429: BUSY}
#: What providers write into the body, some of them with one status and some with another.
CODES = {
    "insufficient_quota": QUOTA,
    "model_not_found": MODEL,
    "content_filter": DECLINED,
    "content_policy": DECLINED,
    "context": CONTEXT,
}


def refusal(response: httpx2.Response, words: str) -> ModelError:
    """The reason for people. ``words`` is the body, which is not shown."""
    if response.is_redirect:
        return ModelError(ELSEWHERE)
    if response.is_server_error:
        return ModelError(BROKEN)
    if response.status_code not in (401, 403):
        for code, reason in CODES.items():
            if code in words.lower() and (code != "context" or response.status_code in (400, 413, 422)):
                return ModelError(reason)
    if response.status_code == 429 and (seconds := retry_after(response) or 0) > 1:
        return ModelError(f"The model is busy. Try again in {in_words(seconds)}.")
    return ModelError(STATUSES.get(response.status_code, UNKNOWN))


def retry_after(response: httpx2.Response) -> float | None:
    """The seconds that the server asks to wait; None if it names no readable time."""
    with suppress(ValueError):
        if "Retry-After-Ms" in response.headers:
            return max(0.0, float(response.headers["Retry-After-Ms"]) / 1000)
    named = response.headers.get("Retry-After", "")
    with suppress(ValueError):
        return max(0.0, float(named))
    with suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(named).timestamp() - time.time())
    return None


def pause_before(response: httpx2.Response) -> float:
    """Seconds before the second try."""
    named = retry_after(response)
    return PAUSE if named is None else named


def in_words(seconds: float) -> str:
    """A time to wait, rounded up."""
    if seconds < 60:
        return f"{int(seconds + 0.999)} seconds"
    minutes = int(seconds / 60 + 0.999)
    if minutes > 90:
        return "a few hours"
    return "a minute" if minutes == 1 else f"{minutes} minutes"
