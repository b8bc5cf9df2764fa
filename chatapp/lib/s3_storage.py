"""Files in a bucket of an S3-compatible server. All machines of a deploy share it.

Objects cannot grow, and the parts of S3's own uploads have 5 MiB at least. So a file that arrives in pieces is kept as
pieces: ``<key>.000000000786432`` begins at that byte. ``put`` keeps a file as one object, ``<key>``.
"""

import io
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.etree import ElementTree

import httpx2

from .s3_signature import Account, encoded, signed

#: Seconds to connect, and between two packets.
TIMEOUT = httpx2.Timeout(30, connect=5)
#: Bytes of one request.
RANGE = 1024 * 1024
_XML = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class BucketError(OSError):
    """The server of the bucket is away, or refuses."""


class Object(NamedTuple):
    """An object of the bucket, and when it was written."""

    name: str
    size: int
    written_at: datetime


class Bucket:
    """A ``Backend`` that speaks HTTP itself, without an SDK."""

    def __init__(self, address: str, bucket: str, account: Account):
        self.address, self.bucket, self.account = address, bucket, account
        self._clients: dict[int, httpx2.Client] = {}

    @classmethod
    def at(cls, url: str) -> "Bucket":
        """``s3://key:secret@host/bucket?region=eu-central-1``; with ``s3+http://`` unencrypted. Key and secret are
        percent-encoded."""
        parts = urlsplit(url)
        scheme = "http" if parts.scheme == "s3+http" else "https"
        region = parse_qs(parts.query).get("region", ["us-east-1"])[0]
        account = Account(unquote(parts.username or ""), unquote(parts.password or ""), region)
        return cls(f"{scheme}://{parts.netloc.rpartition('@')[2]}", parts.path.strip("/"), account)

    def append(self, key: str, offset: int, data: bytes) -> None:
        """See ``Backend``."""
        self._send("PUT", f"{key}.{offset:015d}", content=data, headers={"Content-Length": str(len(data))})

    def put(self, key: str, source: BinaryIO) -> None:
        """See ``Backend``."""
        start = source.tell()
        size = source.seek(0, io.SEEK_END) - start
        source.seek(start)
        chunks = iter(lambda: source.read(RANGE), b"")
        self._send("PUT", key, content=chunks if size else b"", headers={"Content-Length": str(size)})
        self._remove(part.name for part in self._objects(f"{key}."))

    def open(self, key: str) -> BinaryIO:
        """See ``Backend``."""
        found = list(self._objects(key))
        parts = [one for one in found if one.name == key] or [one for one in found if one.name.startswith(f"{key}.")]
        if not parts:
            raise FileNotFoundError(key)
        return File(self, parts)

    def delete(self, key: str) -> None:
        """See ``Backend``."""
        self._remove(one.name for one in self._objects(key) if one.name == key or one.name.startswith(f"{key}."))

    def keys(self, older_than: float) -> Iterator[str]:
        """See ``Backend``."""
        latest = datetime.now(UTC) - timedelta(seconds=older_than)
        return (one.name.partition(".")[0] for one in self._objects("") if one.written_at < latest)

    def read(self, name: str, start: int, length: int) -> bytes:
        """A range of one object."""
        return self._send("GET", name, headers={"Range": f"bytes={start}-{start + length - 1}"}).content

    def close(self) -> None:
        """End the connections of this process; the next request opens another one."""
        for client in self._clients.values():
            client.close()
        self._clients = {}

    def _remove(self, names: Iterable[str]) -> None:
        for name in list(names):
            self._send("DELETE", name)

    def _objects(self, prefix: str) -> Iterator[Object]:
        """The objects whose names begin with ``prefix``, in the order of their names."""
        query = {"list-type": "2", "prefix": prefix}
        while True:
            answer = ElementTree.fromstring(self._send("GET", "", query=query).content)
            for found in answer.iter(f"{_XML}Contents"):
                name, size, moment = (found.findtext(f"{_XML}{tag}", "") for tag in ("Key", "Size", "LastModified"))
                yield Object(name, int(size), datetime.fromisoformat(moment))
            query["continuation-token"] = answer.findtext(f"{_XML}NextContinuationToken", "")
            if not query["continuation-token"]:
                return

    def _send(self, method: str, name: str, query: dict | None = None, headers: dict | None = None, content=None):
        path = quote(f"/{self.bucket}/{name}".rstrip("/"))
        own = {"Host": urlsplit(self.address).netloc} | (headers or {})
        own = signed(self.account, method, path, query or {}, own, datetime.now(UTC))
        address = f"{self.address}{path}" + (f"?{encoded(query)}" if query else "")
        try:
            response = self._client.request(method, address, headers=own, content=content)
        except httpx2.HTTPError as error:
            raise BucketError(f"The bucket does not answer: {error}") from error
        if response.status_code == 404 and method == "GET":
            raise FileNotFoundError(name)
        if response.status_code >= 300 and not (method == "DELETE" and response.status_code == 404):
            raise BucketError(f"The bucket refuses {method}: {response.status_code} {response.text[:200]}")
        return response

    @property
    def _client(self) -> httpx2.Client:
        """One for each process, because a fork must not use the connections of its parent."""
        if os.getpid() not in self._clients:
            self._clients = {os.getpid(): httpx2.Client(timeout=TIMEOUT, trust_env=False)}
        return self._clients[os.getpid()]


class File(io.RawIOBase):
    """A file in the bucket, in one object or in several that follow each other."""

    def __init__(self, bucket: Bucket, parts: list[Object]):
        super().__init__()
        self.bucket, self.at = bucket, 0
        self.parts: list[tuple[int, Object]] = []
        self.size = 0
        for part in parts:
            self.parts.append((self.size, part))
            self.size += part.size
        self.buffer, self.buffered_at = b"", 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The number of the byte to read next."""
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the byte to read next."""
        self.at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence])
        return self.at

    def read(self, size: int = -1) -> bytes:
        """As many bytes as are asked for, if the file has them."""
        wanted = self.size - self.at if size is None or size < 0 else min(size, self.size - self.at)
        chunks = []
        while wanted > 0:
            chunk = self._buffered()[:wanted]
            self.at += len(chunk)
            wanted -= len(chunk)
            chunks.append(chunk)
        return b"".join(chunks)

    def _buffered(self) -> bytes:
        """The bytes from ``at`` on that are known, or else those that one request brings."""
        place = self.at - self.buffered_at
        if not 0 <= place < len(self.buffer):
            start, part = next(found for found in reversed(self.parts) if found[0] <= self.at)
            inside = self.at - start
            self.buffer = self.bucket.read(part.name, inside, min(RANGE, part.size - inside))
            self.buffered_at, place = self.at, 0
            if not self.buffer:
                raise BucketError(f"{part.name} is shorter than the bucket says.")
        return self.buffer[place:]
