"""Requests to the servers that are measured: the same light client for all of them."""

import http.client
import time

KEPT = 3  # seconds for which every server keeps an idle connection


class Asking:
    """Asks the server at ``port`` on a connection that stays open."""

    def __init__(self, label: str, port: int):
        self.label, self.port = label, port
        self._connection: http.client.HTTPConnection | None = None
        self._stale_at = 0.0

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None) -> bytes:
        """Returns the body of the answer. Raises HTTPException for an answer that is not a success."""
        if self._connection is None or time.monotonic() > self._stale_at:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            self._connection.request(method, path, body, headers or {"Content-Type": "text/plain"})
            answer = self._connection.getresponse()
            text = answer.read()
            self._stale_at = time.monotonic() + KEPT
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            raise
        if answer.status >= 400:
            raise http.client.HTTPException(f"{self.label} answers {answer.status}")
        return text
