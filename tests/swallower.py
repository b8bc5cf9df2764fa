"""A proxy for any TCP connection that swallows all bytes on command, and still acknowledges them."""

import select
import socket
import threading
from contextlib import suppress


class Swallower:
    """A context manager that listens on ``.port``. While ``.swallowing`` is set, it drops the bytes that it takes."""

    def __init__(self, target: int):
        self.target = target
        self.swallowing = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self) -> "Swallower":
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.listener.close()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self.target)) as far, suppress(OSError):
            other = {near: far, far: near}
            while True:
                for ready in select.select(list(other), [], [])[0]:
                    data = ready.recv(65_536)
                    if not data:
                        return
                    if not self.swallowing.is_set():
                        other[ready].sendall(data)
