"""Says hello to an assistant, to see whether its saved settings work."""

import time
from contextlib import closing, suppress
from dataclasses import dataclass

from flask import Blueprint, current_app

from chatapp.authentication import administrator
from chatapp.edge import release_connection
from chatapp.extensions import limiter
from chatapp.lib.llm import CutOff, LanguageModel, ModelError, storable
from chatapp.models.assistant import LOST_KEY, Setup

from .assistants import assistant, page

bp = Blueprint("greetings", __name__, url_prefix="/assistants/<int:id>/greetings")

HELLO = "Say hello in one short sentence."
#: Seconds: routers give a request up after 30.
SILENCE, LONGEST = 20, 25
#: Tokens, with room for models that think first.
TOKENS = 500
#: The most characters of the answer to show.
SHOWN = 300


@dataclass(frozen=True)
class Greeting:
    """The outcome: the answer, or what went wrong; and the seconds it took."""

    words: str
    seconds: float
    failed: bool = False


@bp.post("")
@limiter.limit("10 per minute; 60 per hour")
def create(id: int):
    admin, user = administrator(), assistant(id)
    setup = Setup.of(user, current_app.config)
    release_connection()  # a model takes seconds
    return page(admin, user, greeting=greet(setup))


def greet(setup: Setup) -> Greeting:
    if setup.key_is_lost:
        return Greeting(LOST_KEY, 0, failed=True)
    model = LanguageModel(setup.base_url, setup.api_key, setup.model, SILENCE, LONGEST, TOKENS)
    began = time.monotonic()
    try:
        words = answer(model, setup.instructions)
    except ModelError as error:
        return Greeting(str(error), time.monotonic() - began, failed=True)
    return Greeting(words, time.monotonic() - began)


def answer(model: LanguageModel, instructions: str) -> str:
    asked = [{"role": "system", "content": instructions}] if instructions else []
    asked.append({"role": "user", "content": HELLO})
    words = ""
    with closing(model.stream(asked)) as pieces, suppress(CutOff):
        for piece in pieces:
            words += piece
            if len(words) > SHOWN:
                break
    words = storable(words).strip()
    if not words:
        raise ModelError("The model gave an empty answer.")
    return words if len(words) <= SHOWN else words[:SHOWN] + "…"
