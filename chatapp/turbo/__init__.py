"""Live pages over Server-Sent Events: models announce their changes, readers get Turbo Stream fragments.

A library: it knows nothing of the app that uses it.
"""

from .broadcastable import Broadcastable, BroadcastableRow
from .cluster import Cluster
from .connection import Connection, jittered
from .cursor import Cursor
from .endpoint import event_stream, put_off, refused
from .errors import Closing, Gone, Overloaded
from .event_stream import EventStream
from .extension import Turbo
from .growing import GrowingRow
from .headed import Headed, Lister, ShownHead, heads_html, shown_heads
from .hub import Hub
from .new_rows import announce_row, insert_row
from .openings import Reader
from .prepared import Prepared, PreparedQuery
from .rendering import render, render_row
from .streamable import Streamable, connection_of, lock_found, lock_pages, to_lock, writing_connection
from .streams import Frame, dom_id, retry, stream_name, turbo_stream, turbo_stream_to_all
from .together import tell, together
from .transactions import after_commit, after_publication, again_after_conflict, has_written, is_conflict
from .versions import html_of_rows, select_versions

__all__ = [
    "Broadcastable",
    "BroadcastableRow",
    "Closing",
    "Cluster",
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
    "Prepared",
    "PreparedQuery",
    "Reader",
    "ShownHead",
    "Streamable",
    "Turbo",
    "after_commit",
    "after_publication",
    "again_after_conflict",
    "announce_row",
    "connection_of",
    "dom_id",
    "event_stream",
    "has_written",
    "heads_html",
    "html_of_rows",
    "insert_row",
    "is_conflict",
    "jittered",
    "lock_found",
    "lock_pages",
    "put_off",
    "refused",
    "render",
    "render_row",
    "retry",
    "select_versions",
    "shown_heads",
    "stream_name",
    "tell",
    "to_lock",
    "together",
    "turbo_stream",
    "turbo_stream_to_all",
    "writing_connection",
]
