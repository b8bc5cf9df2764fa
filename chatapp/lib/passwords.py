"""Password hashes (argon2id, RFC 9106), computed beside the event loop."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import monkey
from gevent.threadpool import ThreadPool

_hasher = PasswordHasher()
# Verified when there is no such account, so that the answer takes as long and tells nothing.
_NOBODY = _hasher.hash("nobody has this password")
#: Hashes computed at once in one process: each takes 64 MiB and tens of milliseconds of a core.
AT_ONCE = 2


def hash_of(password: str) -> str:
    """The hash to store; it contains its own salt and parameters."""
    return _beside(_hasher.hash, password)


def belongs(password: str, stored: str | None) -> bool:
    """Whether ``stored`` is the hash of ``password``. None takes as long as a hash that is wrong."""
    try:
        return _beside(_hasher.verify, stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def _beside(function, *arguments):
    # In C, on gevent's one thread, it would hold up every page and every heartbeat of the process.
    if monkey.is_module_patched("threading"):
        return _pool().apply(function, arguments)
    return function(*arguments)


@cache
def _pool() -> ThreadPool:
    return ThreadPool(AT_ONCE)
