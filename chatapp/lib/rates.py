"""Flask-Limiter, which asks Redis once for all rates of a request."""

from flask import request
from flask_limiter import Limiter
from flask_limiter._limits import RuntimeLimit


class Rates(Limiter):
    """Flask-Limiter asks Redis once for each rate. This class asks for all of them ahead, and hands out their counts.

    Its storage must be a ``RedisOrMemory``.
    """

    def _Limiter__evaluate_limits(self, endpoint: str, limits: list[RuntimeLimit]) -> None:  # noqa: N802
        # Overrides a private method, because Flask-Limiter has no hook for this; a test counts the questions.
        counted = [limit for limit in sorted(limits, key=lambda one: one.limit) if self._counts(limit)]
        with self.storage.asked_once((limit.limit, self._names(endpoint, limit)) for limit in counted):
            super()._Limiter__evaluate_limits(endpoint, limits)

    @staticmethod
    def _counts(limit: RuntimeLimit) -> bool:
        return not (limit.deduct_when or limit.is_exempt or limit.method_exempt) and limit.deduction_amount == 1

    def _names(self, endpoint: str, limit: RuntimeLimit) -> list[str]:
        names = [limit.key_func(), limit.scope_for(endpoint, request.method)]
        return [self._key_prefix, *names] if self._key_prefix else names
