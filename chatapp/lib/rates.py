"""Flask-Limiter, which asks Redis once for all rates of a request."""

from flask import current_app, request
from flask_limiter import Limiter
from flask_limiter._limits import RuntimeLimit
from flask_limiter.util import get_qualified_name


class Rates(Limiter):
    """Flask-Limiter asks Redis once for each rate. This class asks for all of them ahead, and hands out their counts.

    Its storage must be a ``RedisOrMemory``.
    """

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not (in_middleware and self._waits_for_the_view()):
            super()._check_request_limit(callable_name, in_middleware)

    def _waits_for_the_view(self) -> bool:
        """Whether no limit counts before the view: it has limits of its own, or the default ones exempt it."""
        manager, view = self.limit_manager, current_app.view_functions.get(request.endpoint)
        others = manager.application_limits or manager._blueprint_limits or self._meta_limits
        if view is None or others or manager.has_hints(request.endpoint):
            return False
        exempts = self._default_limits_exempt_when
        return get_qualified_name(view) in self._marked_for_limiting or (exempts is not None and exempts())

    def _Limiter__evaluate_limits(self, endpoint: str, limits: list[RuntimeLimit]) -> None:  # noqa: N802
        # Overrides a private method, because Flask-Limiter has no hook for this; a test counts the questions.
        applying = [limit for limit in limits if not (limit.is_exempt or limit.method_exempt)]
        if not applying:
            return
        counted = sorted(filter(self._counts, applying), key=lambda one: one.limit)
        windows = [(limit.limit, self._names(endpoint, limit)) for limit in counted]
        with self.storage.asked_once(windows) as within:
            if not within or len(counted) < len(applying):
                super()._Limiter__evaluate_limits(endpoint, limits)

    @staticmethod
    def _counts(limit: RuntimeLimit) -> bool:
        return not limit.deduct_when and limit.deduction_amount == 1

    def _names(self, endpoint: str, limit: RuntimeLimit) -> list[str]:
        names = [limit.key_func(), limit.scope_for(endpoint, request.method)]
        return [self._key_prefix, *names] if self._key_prefix else names
