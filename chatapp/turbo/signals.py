"""Signals, for tests and for measuring."""

from blinker import Namespace

#: Sent after each publication with ``stream``, ``revision`` (None for a passing state) and ``html``.
published = Namespace().signal("published")
