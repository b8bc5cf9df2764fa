"""Jinja, quicker for partials that import macros."""

from collections.abc import MutableMapping

from flask.templating import Environment
from jinja2 import Template


class Templates(Environment):
    """Flask's environment. Templates without globals of their own share those of the environment.

    Jinja gives each template a ``ChainMap`` of its globals and the environment's, copies it for each rendering and
    compares it for each import, name by name in Python. With a hundred globals that takes longer than to render a
    message.
    """

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._found: dict[str, Template] = {}

    def get_template(self, name: str, parent: str | None = None, globals: MutableMapping | None = None) -> Template:
        """As in Jinja, which takes a lock for each look into its cache, and half a dozen looks for a message."""
        found = self._found.get(name)
        if found is None or globals is not None or self.auto_reload:
            found = super().get_template(name, parent, globals)
            if globals is None:
                self._found[name] = found
        return found

    def make_globals(self, d: MutableMapping | None) -> MutableMapping:
        """As in Jinja."""
        return super().make_globals(d) if d else self.globals
