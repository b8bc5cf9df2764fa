"""Jinja, quicker for partials that import macros."""

from collections.abc import MutableMapping

from flask.templating import Environment


class Templates(Environment):
    """Flask's environment. Templates without globals of their own share those of the environment.

    Jinja gives each template a ``ChainMap`` of its globals and the environment's, copies it for each rendering and
    compares it for each import, name by name in Python. With a hundred globals that takes longer than to render a
    message.
    """

    def make_globals(self, d: MutableMapping | None) -> MutableMapping:
        """As in Jinja."""
        return super().make_globals(d) if d else self.globals
