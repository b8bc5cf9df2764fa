"""Names of files that strangers send, made harmless for pages, addresses and disks."""

import re
import unicodedata
from urllib.parse import quote

#: Characters of a name, and of what follows its last dot.
LENGTH, EXTENSION = 120, 16
#: Characters of a name to read.
LONGEST = 1_000
#: Control and format characters (such as those that turn the direction of writing), halves of characters, line ends.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(name: str) -> str:
    """The last part of a path, without invisible characters, cut to ``LENGTH`` characters. Never empty.

    ``photo[RLO]gnp.exe``, which a page would show as ``photoexe.png``, becomes ``photognp.exe``.
    """
    # Cut before it is normalised: the time for that grows with the square of the number of marks.
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1][-LONGEST:])
    visible = (character for character in last if character.isspace() or _is_visible(character))
    return _cut(" ".join("".join(visible).split()).strip(". ")) or "file"


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE


def _cut(name: str) -> str:
    if len(name) <= LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > EXTENSION:
        return name[:LENGTH].strip(". ")
    return stem[: LENGTH - len(extension) - 1].strip(". ") + dot + extension


def disposition(name: str, inline: bool) -> str:
    """The header Content-Disposition: whether to show a file or to save it, and by which name (RFC 6266)."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    encoded = quote(name, safe="!#$&+-.^_`|~")
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
