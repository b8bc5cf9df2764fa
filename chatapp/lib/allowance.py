"""How much one user may have of something that is scarce."""

from limits import parse_many
from limits.strategies import RateLimiter


class Allowance:
    """A Flask extension: how often something may be had (``rates``, as in "10 per minute; 100 per hour"), and how much
    of it ``at_once``."""

    def __init__(self, name: str):
        self.name = name

    def init_app(self, limiter: RateLimiter, rates: str, at_once: int) -> None:
        self.limiter, self.rates, self.at_once = limiter, parse_many(rates), at_once

    def has_room(self, under_way: int) -> bool:
        """Whether one more is allowed beside those that are under way."""
        return under_way < self.at_once

    def take(self, user_id: int) -> bool:
        """Count one more; False if that was too often, and then it counts for nothing in the rates behind."""
        return all(self.limiter.hit(rate, self.name, str(user_id)) for rate in self.rates)
