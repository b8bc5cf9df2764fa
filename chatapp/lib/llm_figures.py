"""What the answer of a language model took: tokens and time."""

import json
import re
import time

#: UTF-8 bytes that count as one token where the server counts none: fewer than usual, so that the estimate errs on the
#: safe side.
BYTES_PER_TOKEN = 3
#: An event that counts tokens. Many servers send `"usage": null` with each of the others.
_COUNTS = re.compile(rb'"usage"\s*:\s*\{')
#: A server that counts more than this is wrong, and the database would refuse the number.
MOST_TOKENS = 100_000_000


class Figures:
    """The figures of one answer. ``tokens_in`` and ``tokens_out`` are what the server counts, or None if it does not.

    Times are in milliseconds since the request. ``first_ms`` is None as long as the model has said nothing.
    """

    def __init__(self):
        self.answered = False  # whether the server took the request
        self.tokens_in: int | None = None
        self.tokens_out: int | None = None
        self.first_ms: int | None = None
        self.took_ms: int | None = None
        self._began = time.monotonic()
        self._bytes = 0

    def hear(self, piece: str) -> None:
        """Take note of a piece of the answer. An empty one is only a sign of life."""
        if piece and self.first_ms is None:
            self.first_ms = self._so_far()
        self._bytes += len(piece.encode("utf-8", "surrogatepass"))

    def read(self, data: bytes) -> None:
        """Take the tokens of an event that counts them. The last such event is valid."""
        if not _COUNTS.search(data):
            return
        match json.loads(data):
            case {"usage": {"prompt_tokens": int(read), "completion_tokens": int(written)}} if (
                0 <= read <= MOST_TOKENS and 0 <= written <= MOST_TOKENS
            ):
                self.tokens_in, self.tokens_out = int(read), int(written)

    def end(self) -> None:
        """Note that the answer is over, however it ended."""
        self.took_ms = self._so_far()

    @property
    def estimated_out(self) -> int:
        """The tokens that the model has written, estimated by their bytes."""
        return -(-self._bytes // BYTES_PER_TOKEN)

    def _so_far(self) -> int:
        return round((time.monotonic() - self._began) * 1000)
