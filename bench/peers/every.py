"""All peers, by the names that bin/bench takes."""

from .action_cable import ActionCable
from .channels import Channels
from .flask_socketio import FlaskSocketIO
from .nchan import Nchan
from .node import Node
from .peer import Peer
from .socketio import SocketIO
from .sse_starlette import SseStarlette

PEERS: dict[str, type[Peer]] = {
    "nchan": Nchan,
    "node": Node,
    "socketio": SocketIO,
    "action_cable": ActionCable,
    "channels": Channels,
    "flask_socketio": FlaskSocketIO,
    "sse_starlette": SseStarlette,
}
#: Those that cost little enough for the largest crowds.
LIGHT = {"nchan", "node"}
