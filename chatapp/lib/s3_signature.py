"""Signs requests to an S3-compatible server: AWS Signature Version 4, in the form that needs no hash of the body.

Source: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

UNSIGNED = "UNSIGNED-PAYLOAD"


class Account(NamedTuple):
    """The owner of a key, and the region of the bucket."""

    key: str
    secret: str
    region: str


def encoded(query: dict[str, str]) -> str:
    """The query of an address, in the form to sign and to send."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items()))


def signed(
    account: Account, method: str, path: str, query: dict[str, str], headers: dict[str, str], moment: datetime
) -> dict[str, str]:
    """``headers`` with those that prove who asks. ``path`` is encoded, and ``headers`` name the host."""
    headers = {"x-amz-content-sha256": UNSIGNED} | headers | {"x-amz-date": moment.strftime("%Y%m%dT%H%M%SZ")}
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    names = ";".join(sorted(lower))
    lines = [f"{name}:{lower[name]}" for name in sorted(lower)]
    request = "\n".join([method, path, encoded(query), *lines, "", names, headers["x-amz-content-sha256"]])
    scope = f"{moment:%Y%m%d}/{account.region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = _hmac(_key(account, scope), text).hex()
    proof = f"AWS4-HMAC-SHA256 Credential={account.key}/{scope},SignedHeaders={names},Signature={signature}"
    return headers | {"Authorization": proof}


def _key(account: Account, scope: str) -> bytes:
    key = f"AWS4{account.secret}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
