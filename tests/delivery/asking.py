"""How a run of the torture asks for changes: patiently, as pages and people do."""

import threading
import time

import httpx

from tests.browserless import Person

from .catalogue import DIRECT
from .programs import Step

ANSWER_WITHIN = 40  # seconds in which a request must have an answer, however often it is tried
LANES = ("web-0", "web-1", DIRECT)
FINAL = (200, 201, 204, 303, 403, 404, 409, 422)


class Difference(AssertionError):
    """A live page that is not what a fresh one is."""


class Asking:
    """Requests to the web processes and to the direct one. ``torture`` and ``world`` are those of the run."""

    def direct(self, step: Step | None, verb: str, **arguments):
        """Tried again while the database is away, as whoever runs a command would."""
        deadline, fault = time.monotonic() + ANSWER_WITHIN, step and step.fault
        while True:
            try:
                return self.world.direct.ask(verb, arguments, fault)
            except RuntimeError as error:
                if "OperationalError" not in str(error) or time.monotonic() > deadline:
                    raise
            wait(0.05)

    def request(self, step: Step, name: str, method: str, path: str, form: dict | None = None) -> httpx.Response:
        """Tried until there is an answer, as a page does. The fault comes with the first try only."""
        person = self.torture.people[LANES.index(step.where)][name]
        headers, deadline = {"X-Fault": step.fault} if step.fault else {}, time.monotonic() + ANSWER_WITHIN
        while True:
            answer = self.tried(person, method, path, form, headers)
            if answer is not None and answer.status_code in FINAL:
                self.answered(name, answer)
                return answer
            if time.monotonic() > deadline:
                raise Difference(self.story([f"{method} {path} was never answered: {answer and answer.text}"]))
            headers = {}
            wait(0.03)

    def tried(self, person: Person, method: str, path: str, form: dict | None, headers: dict) -> httpx.Response | None:
        person.http.headers.pop("X-Fault", None)
        person.http.headers.update(headers)
        try:
            return person.turbo(method, path, form)
        except (httpx.HTTPError, TypeError):  # no answer, or no token in it
            return None

    def answered(self, name: str, answer: httpx.Response) -> None:
        """Hear of the answer to what ``name`` did."""
        raise NotImplementedError

    def story(self, found: list[str]) -> str:
        """What the run did, and ``found`` at its end."""
        raise NotImplementedError


def wait(seconds: float) -> None:
    threading.Event().wait(seconds)
