"""Password hashes (argon2id, RFC 9106), computed beside the event loop."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import monkey
from gevent.threadpool import ThreadPool
from zxcvbn import zxcvbn

# The lightest cost that OWASP recommends: 19 MiB, and about 20 ms of a core.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Verified when there is no such account, so that the answer takes as long and reveals nothing.
_NOBODY = _hasher.hash("nobody has this password")
#: How many hashes one process computes at once, and how many more may wait. A full line is done within a second.
AT_ONCE, LINE = 2, 20

#: Guesses. An attacker who first tries common passwords, names, years and rows of keys needs fewer for an easy one.
EASY = 1_000_000
#: Characters that zxcvbn looks at. It takes 20 ms at most for sixteen, and seconds for some long texts.
_WEIGHED = 16


class Busy(Exception):
    """Too many hashes are being computed already. Come back in a moment."""


def hash_of(password: str) -> str:
    """The hash to store; it contains its own salt and parameters. Raises ``Busy``."""
    return _beside(_hasher.hash, password)


def belongs(password: str, stored: str | None) -> bool:
    """Whether ``stored`` is the hash of ``password``. Takes as long for None as for a wrong hash. Raises ``Busy``."""
    return _beside(_verify, stored or _NOBODY, password) and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether ``stored`` was made with another cost than today's."""
    return _hasher.check_needs_rehash(stored)


def is_easy_to_guess(password: str, known: list[str]) -> bool:
    """Whether ``password`` is a common one, or made of what is ``known`` of its owner."""
    return zxcvbn(password[:_WEIGHED], user_inputs=known)["guesses"] < EASY


def _verify(stored: str, password: str) -> bool:
    # Caught here, in the pool's thread, because gevent prints every exception that leaves it.
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _beside(function, *arguments):
    # On gevent's one thread a hash would hold up every page and every heartbeat of the process.
    if monkey.is_module_patched("threading"):
        return _pool().compute(function, arguments)
    return function(*arguments)


class _Pool:
    """A few threads, and a short line of calls that wait for them."""

    def __init__(self):
        self._threads = ThreadPool(AT_ONCE)
        self._present = 0  # in a thread or in the line; greenlets take turns, so it needs no lock

    def compute(self, function, arguments):
        if self._present >= AT_ONCE + LINE:
            raise Busy
        self._present += 1
        try:
            return self._threads.apply(function, arguments)
        finally:
            self._present -= 1


@cache
def _pool() -> _Pool:
    return _Pool()
