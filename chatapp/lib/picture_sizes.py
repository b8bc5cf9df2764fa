"""Width and height of a picture, read from its header without decoding anything."""

from typing import NamedTuple

#: Bytes of the beginning to read: what a camera writes before the size may be long.
HEAD = 512 * 1024


class Size(NamedTuple):
    """In pixels, of the picture as shown: a camera held upright notes its orientation beside the pixels."""

    width: int
    height: int


def size_of(head: bytes, media_type: str) -> Size | None:
    """The size of a PNG, JPEG, GIF or WebP picture; None if the header does not say."""
    read = {"image/png": _png, "image/gif": _gif, "image/webp": _webp, "image/jpeg": _jpeg}.get(media_type)
    try:
        size = read(head) if read else None
    except IndexError:
        return None
    return size if size and size.width and size.height else None


def _big(data: bytes, at: int, length: int = 2) -> int:
    return int.from_bytes(_bytes(data, at, length), "big")


def _little(data: bytes, at: int, length: int = 2) -> int:
    return int.from_bytes(_bytes(data, at, length), "little")


def _bytes(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise IndexError(at)
    return data[at : at + length]


def _png(head: bytes) -> Size | None:
    return Size(_big(head, 16, 4), _big(head, 20, 4)) if head[12:16] == b"IHDR" else None


def _gif(head: bytes) -> Size:
    return Size(_little(head, 6), _little(head, 8))


def _webp(head: bytes) -> Size | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return Size(_little(head, 24, 3) + 1, _little(head, 27, 3) + 1)
    if kind == b"VP8L":
        bits = _little(head, 21, 4)
        return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    return Size(_little(head, 26) & 0x3FFF, _little(head, 28) & 0x3FFF)


#: Markers of JPEG that begin a frame, and those without data.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = {0x01, *range(0xD0, 0xD9)}


def _jpeg(head: bytes) -> Size | None:
    at, turned = 2, False
    while True:
        if _bytes(head, at, 1) != b"\xff":
            return None
        marker = _big(head, at + 1, 1)
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
        elif marker in _FRAMES:
            height, width = _big(head, at + 5), _big(head, at + 7)
            return Size(height, width) if turned else Size(width, height)
        elif marker in {0xD9, 0xDA}:
            return None
        else:
            length = _big(head, at + 2)
            if marker == 0xE1:
                turned = turned or orientation(head[at + 4 : at + 2 + length]) >= 5
            at += 2 + length


def orientation(segment: bytes) -> int:
    """The orientation of the picture in an Exif segment: 1 to 8, and 1 if the segment has none."""
    if not segment.startswith(b"Exif\0\0"):
        return 1
    tiff = segment[6:]
    order = "little" if tiff[:2] == b"II" else "big"

    def number(at: int, length: int) -> int:
        return int.from_bytes(_bytes(tiff, at, length), order)

    try:
        start = number(4, 4)
        for entry in range(start + 2, start + 2 + 12 * min(number(start, 2), 200), 12):
            if number(entry, 2) == 0x0112:
                found = number(entry + 8, 2)
                return found if 1 <= found <= 8 else 1
    except IndexError:
        pass
    return 1
