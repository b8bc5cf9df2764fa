"""Live pages over Server-Sent Events: models announce their changes, readers get Turbo Stream fragments.

A library: it knows nothing of the app that uses it.
"""

from .broadcastable import Broadcastable, BroadcastableRow
from .connection import Connection, jittered
from .cursor import Cursor
from .endpoint import Reader, event_stream, put_off, refused
from .errors import Closing, Gone, Overloaded
from .event_stream import EventStream
from .extension import Turbo
from .growing import GrowingRow
from .headed import Headed, Lister, ShownHead, heads_html, shown_heads
from .hub import Hub
from .rendering import render
from .streamable import Streamable, lock_pages
from .streams import Frame, dom_id, retry, stream_name, turbo_stream, turbo_stream_to_all
from .transactions import after_commit, again_after_conflict, has_written, is_conflict

__all__ = [
    "Broadcastable",
    "BroadcastableRow",
    "Closing",
    "Connection",
    "Cursor",
    "EventStream",
    "Frame",
    "Gone",
    "GrowingRow",
    "Headed",
    "Hub",
    "Lister",
    "Overloaded",
    "Reader",
    "ShownHead",
    "Streamable",
    "Turbo",
    "after_commit",
    "again_after_conflict",
    "dom_id",
    "event_stream",
    "has_written",
    "heads_html",
    "is_conflict",
    "jittered",
    "lock_pages",
    "put_off",
    "refused",
    "render",
    "retry",
    "shown_heads",
    "stream_name",
    "turbo_stream",
    "turbo_stream_to_all",
]
