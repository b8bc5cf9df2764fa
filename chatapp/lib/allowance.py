"""Limits how much of a scarce thing one user may have."""

from limits import parse_many
from limits.strategies import RateLimiter


class Allowance:
    """A Flask extension. ``rates`` limits how often each user may have one ("10 per minute; 100 per hour"), ``at_once``
    how many at the same time. ``refused`` counts how often a rate made this process refuse one."""

    refused = 0

    def __init__(self, name: str):
        self.name = name

    def init_app(self, limiter: RateLimiter, rates: str, at_once: int) -> None:
        self.limiter, self.rates, self.at_once = limiter, parse_many(rates), at_once

    def has_room(self, under_way: int) -> bool:
        """Whether one more may begin besides the ``under_way`` ones."""
        return under_way < self.at_once

    def take(self, user_id: int) -> bool:
        """Count one more. False where a rate is used up; the rates after that one do not count it."""
        names = [self.name, str(user_id)]
        with self.limiter.storage.asked_once((rate, names) for rate in self.rates):
            taken = all(self.limiter.hit(rate, *names) for rate in self.rates)
        self.refused += not taken
        return taken
