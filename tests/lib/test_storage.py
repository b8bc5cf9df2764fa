"""Files on a disk and in a bucket: both keep the same promises."""

import io
import threading
from datetime import UTC, datetime

import localbucket
import pytest

from chatapp.lib import s3_storage
from chatapp.lib.s3_signature import Account, signed
from chatapp.lib.s3_storage import Bucket, BucketError
from chatapp.lib.storage import Disk

KEY, OTHER, LONG = "0" * 32, "1" * 32, "2" * 32


@pytest.fixture(scope="session")
def bucket_url(tmp_path_factory):
    """A bucket on this machine, which checks no signatures."""
    folder = tmp_path_factory.mktemp("buckets")
    (folder / "files").mkdir()
    handler = type("Handler", (localbucket.S3Handler,), {"data_root": folder})
    server = localbucket.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"s3+http://key:se%2Fcret@127.0.0.1:{server.server_port}/files"
    server.shutdown()
    server.server_close()


@pytest.fixture
def bucket_at():
    """``bucket_at(url)`` is closed in the end."""
    made = []

    def make(url: str) -> Bucket:
        made.append(Bucket.at(url))
        return made[-1]

    yield make
    for bucket in made:
        bucket.close()


@pytest.fixture(params=["disk", "bucket"])
def backend(request, tmp_path, bucket_at):
    if request.param == "disk":
        return Disk(tmp_path)
    bucket = bucket_at(request.getfixturevalue("bucket_url"))
    for key in list(bucket.keys(-1)):
        bucket.delete(key)
    return bucket


def content(backend, key: str = KEY) -> bytes:
    with backend.open(key) as file:
        return file.read()


def test_a_file_grows_piece_by_piece(backend):
    for offset, data in ((0, b"abc"), (3, b"defg"), (7, b"h")):
        backend.append(KEY, offset, data)
    assert content(backend) == b"abcdefgh"


def test_a_piece_is_written_again_without_harm(backend):
    backend.append(KEY, 0, b"abc")
    backend.append(KEY, 3, b"defghij")
    backend.append(KEY, 3, b"de")
    assert content(backend) == b"abcde"


def test_a_file_is_replaced_as_a_whole(backend):
    backend.append(KEY, 0, b"abc")
    backend.append(KEY, 3, b"def")
    backend.put(KEY, io.BytesIO(b"xy"))
    assert content(backend) == b"xy"
    backend.put(KEY, io.BytesIO(b"z" * 3_000_000))
    assert content(backend) == b"z" * 3_000_000


def test_a_part_of_a_file_is_read_from_any_place(backend, monkeypatch):
    monkeypatch.setattr(s3_storage, "RANGE", 4)
    for offset in range(0, 26, 5):
        backend.append(KEY, offset, b"abcdefghijklmnopqrstuvwxyz"[offset : offset + 5])
    with backend.open(KEY) as file:
        assert (file.seek(0, 2), file.seek(3), file.read(9), file.tell()) == (26, 3, b"defghijkl", 12)
        assert (file.seek(24), file.read(9), file.read(9)) == (24, b"yz", b"")


def test_what_is_not_there_is_not_found_and_harmless_to_delete(backend):
    with pytest.raises(FileNotFoundError):
        backend.open(KEY)
    backend.delete(KEY)


def test_a_file_goes_with_all_its_pieces_and_no_other_file(backend):
    for key in (KEY, f"{KEY}-thumbnail", OTHER):
        backend.append(key, 0, b"abc")
        backend.append(key, 3, b"def")
    backend.delete(KEY)
    with pytest.raises(FileNotFoundError):
        backend.open(KEY)
    assert content(backend, f"{KEY}-thumbnail") == content(backend, OTHER) == b"abcdef"


def test_old_files_are_listed(backend):
    backend.put(KEY, io.BytesIO(b"x"))
    backend.append(OTHER, 0, b"x")
    assert set(backend.keys(older_than=-60)) == {KEY, OTHER}
    assert set(backend.keys(older_than=60)) == set()


def test_a_long_list_comes_in_several_answers(bucket_at, bucket_url, monkeypatch):
    bucket = bucket_at(bucket_url)
    monkeypatch.setattr(localbucket, "MAX_KEYS_LIMIT", 3)
    for offset in range(8):
        bucket.append(LONG, offset, b"x")
    assert content(bucket, LONG) == b"x" * 8
    bucket.delete(LONG)


def test_a_bucket_that_is_away_or_refuses_is_an_error_that_the_worker_knows(bucket_at, bucket_url):
    for url in ("s3+http://key:secret@127.0.0.1:1/files", bucket_url.replace("/files", "/missing")):
        with pytest.raises(BucketError):
            bucket_at(url).append(KEY, 0, b"x")


def test_an_address_names_key_secret_and_region():
    bucket = Bucket.at("s3://AKIA:wJalr%2FXUtn%2B@s3.example.com/files?region=eu-central-1")
    assert (bucket.address, bucket.bucket) == ("https://s3.example.com", "files")
    assert bucket.account == Account("AKIA", "wJalr/XUtn+", "eu-central-1")


#: The examples of Amazon's documentation.
EXAMPLE = Account("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
HEADERS = {
    "Host": "examplebucket.s3.amazonaws.com",
    "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}


@pytest.mark.parametrize(
    ("path", "query", "headers", "signature"),
    [
        ("/test.txt", {}, {"Range": "bytes=0-9"}, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("/", {"max-keys": "2", "prefix": "J"}, {}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)
def test_requests_are_signed_as_in_the_examples_of_amazon(path, query, headers, signature):
    moment = datetime(2013, 5, 24, tzinfo=UTC)
    answer = signed(EXAMPLE, "GET", path, query, HEADERS | headers, moment)
    assert answer["Authorization"].endswith(f"Signature={signature}")
