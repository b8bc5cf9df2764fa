"""Tells the type of a file by its first bytes. What the sender calls it proves nothing."""

import codecs
import re

#: Bytes of the beginning to read.
HEAD = 64
UNKNOWN = "application/octet-stream"
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

#: Brands of the MP4 family that browsers play. Others, such as QuickTime and HEIC, are files like any other.
_SOUND = {b"M4A ", b"M4B "}
_FILM = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V "}
_BEGINNINGS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBPVP8[ LX]", re.DOTALL), "image/webp"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"ID3|\xff[\xfb\xf3\xf2]"), "audio/mpeg"),
    (re.compile(rb"OggS"), "audio/ogg"),
    (re.compile(rb"fLaC"), "audio/flac"),
    (re.compile(rb"\x1a\x45\xdf\xa3.{0,48}webm", re.DOTALL), "video/webm"),
)


def type_of(head: bytes) -> str:
    """One of a dozen types that a browser shows or plays without harm, else ``UNKNOWN``."""
    for beginning, media_type in _BEGINNINGS:
        if beginning.match(head):
            return media_type
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return "audio/mp4" if brand in _SOUND else "video/mp4" if brand in _FILM else UNKNOWN
    return UNKNOWN


#: What no text has: control characters except tab, line and page ends, and the escape that begins colours in a log.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def text_of(data: bytes, whole: bool = True) -> str | None:
    """``data`` as a text in UTF-8, without its byte order mark; None for anything else.

    Without ``whole``, ``data`` is the beginning of a file, and a last character cut in two is left out.
    """
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(data, final=whole)
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(text) else text.replace("\r\n", "\n")
