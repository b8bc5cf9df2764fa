"""Cleans a picture and makes its thumbnail. A program of its own: a hostile picture can exhaust only this process.

    python -I picture_maker.py TYPE PIXELS BOX SOURCE CLEANED THUMBNAIL

A THUMBNAIL that ends in ".jpeg" becomes a JPEG of at most JPEG_BYTES, any other one a WebP.

Imports nothing of ours. Ends with a status other than 0 for anything that is not such a picture.
"""

import io
import re
import resource
import struct
import sys
import zlib
from contextlib import suppress
from pathlib import Path

MIB = 1024 * 1024
#: What this process may use: bytes of memory, seconds of one core, bytes of one file that it writes.
LIMITS = {"RLIMIT_AS": 768 * MIB, "RLIMIT_CPU": 30, "RLIMIT_FSIZE": 512 * MIB}
JPEG_BYTES = 300_000


def main(media_type: str, pixels: str, box: str, source: str, cleaned: str, thumbnail: str) -> None:
    """Write ``cleaned`` and ``thumbnail``, which is at most ``box`` pixels, "720x540", or the square "192"."""
    for name, limit in LIMITS.items():
        with suppress(ValueError, OSError):  # some systems do not know all of them
            resource.setrlimit(getattr(resource, name), (limit, limit))
    data = cleaned_bytes(Path(source).read_bytes(), media_type)
    Path(cleaned).write_bytes(data)
    del data
    write_thumbnail(media_type, int(pixels), tuple(map(int, box.split("x"))), cleaned, thumbnail)


def write_thumbnail(media_type: str, pixels: int, box: tuple[int, ...], source: str, target: str) -> None:
    """Write the first frame, upright and scaled down. Raises ValueError for more than ``pixels`` pixels."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = pixels
    with Image.open(source, formats=[media_type.removeprefix("image/")]) as picture:
        if picture.width * picture.height > pixels:
            raise ValueError("too many pixels")
        small = fitted(picture, box) if len(box) == 2 else squared(picture, *box)
        if target.endswith(".jpeg"):
            Path(target).write_bytes(jpeg_of(small))
        else:
            small.save(target, "WEBP", quality=80, method=2, exif=b"", xmp=b"")


def jpeg_of(picture) -> bytes:
    """A JPEG of the best quality that fits into JPEG_BYTES. Raises ValueError if none does."""
    for quality in (80, 60, 40, 20):
        file = io.BytesIO()
        on_white(picture.convert("RGBA")).save(file, "JPEG", quality=quality, exif=b"", icc_profile=None)
        if file.tell() <= JPEG_BYTES:
            return file.getvalue()
    raise ValueError("too many bytes")


def fitted(picture, box: tuple[int, int]):
    from PIL import Image, ImageOps

    turned = picture.getexif().get(0x0112, 1) >= 5
    picture.thumbnail(box[::-1] if turned else box, Image.Resampling.LANCZOS)  # reads a JPEG at a smaller scale
    small = ImageOps.exif_transpose(picture)
    return small.convert("RGBA" if small.has_transparency_data else "RGB")


def squared(picture, side: int):
    """A square from the middle of the picture, which may be smaller than that. Transparent parts become white."""
    from PIL import Image, ImageOps

    scale = min(1, side / min(picture.size))
    box = [max(side, round(scale * length)) for length in picture.size]
    picture.thumbnail(box, Image.Resampling.LANCZOS)
    small = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGBA"), (side, side), Image.Resampling.LANCZOS)
    return on_white(small)


def on_white(picture):
    from PIL import Image

    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    return ground.convert("RGB")


def cleaned_bytes(data: bytes, media_type: str) -> bytes:
    """The picture without what a camera or a program wrote beside it, such as the position, and without what follows
    its end. Pixels and colours stay as they are.

    Raises ValueError, IndexError or struct.error for what is not such a picture.
    """
    cleaners = {"image/jpeg": jpeg, "image/png": png, "image/webp": webp, "image/gif": gif}
    return b"".join(cleaners[media_type](data))


#: The end of the data of a scan: a marker that is neither data nor a restart.
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def jpeg(data: bytes):
    """Keeps JFIF, colour profiles and Adobe's colour transform; of Exif only the orientation."""
    yield data[:2]
    at = 2
    while True:
        while data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2) if data[at + 1] != 0xD9 else (0,)
        if marker == 0xD9:
            break
        segment = data[at : at + 2 + length]
        at += 2 + length
        yield kept_of_jpeg(marker, segment)
        if marker == 0xDA:
            end = _END_OF_SCAN.search(data, at)
            yield data[at : end.start() if end else len(data)]
            if not end:  # cut off; browsers show the part that is there
                break
            at = end.start()
    yield b"\xff\xd9"


def kept_of_jpeg(marker: int, segment: bytes) -> bytes:
    body = segment[4:]
    if marker == 0xE1 and body.startswith(b"Exif\0\0"):
        turned = orientation(body[6:])
        return exif_with(turned) if turned != 1 else b""
    about = marker == 0xFE or 0xE0 <= marker <= 0xEF
    wanted = marker in {0xE0, 0xEE} or (marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"))
    return segment if wanted or not about else b""


def orientation(tiff: bytes) -> int:
    order = "<" if tiff[:2] == b"II" else ">"
    with suppress(struct.error):
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for entry in range(start + 2, start + 2 + 12 * min(count, 200), 12):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, entry)
            if tag == 0x0112:
                return value if 1 <= value <= 8 else 1
    return 1


def exif_with(turned: int) -> bytes:
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, turned, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + 6 + len(tiff)) + b"Exif\0\0" + tiff


_PNG_CHUNKS = {
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"iCCP",
    b"sBIT",
    b"bKGD",
    b"pHYs",
    b"cICP",
    b"acTL",
    b"fcTL",
    b"fdAT",
}


def png(data: bytes):
    """Keeps what is needed to show it: no texts, times or Exif."""
    yield data[:8]
    at = 8
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at : at + 12 + length]
        if len(chunk) < 12 + length or zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise ValueError("broken chunk")
        if kind[:1].isupper() or kind in _PNG_CHUNKS:
            yield chunk
        if kind == b"IEND":
            return
        at += len(chunk)


_WEBP_CHUNKS = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_EXIF_AND_XMP = 0x0C


def webp(data: bytes):
    """Keeps what is needed to show it: no Exif and no XMP."""
    end, at, kept = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0]), 12, []
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        chunk = data[at : at + 8 + length + length % 2]
        if at + 8 + length > len(data):
            raise ValueError("broken chunk")
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_EXIF_AND_XMP]) + chunk[9:]
        if kind in _WEBP_CHUNKS:
            kept.append(chunk)
        at += len(chunk)
    yield struct.pack("<4sI4s", b"RIFF", 4 + sum(map(len, kept)), b"WEBP")
    yield from kept


def gif(data: bytes):
    """Keeps frames and how often they repeat: no comments and no XMP."""
    at = 13 + table(data[10])
    yield data[:at]
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            end = blocks(data, at + 10 + table(data[at + 9]) + 1)
            wanted = True
        elif data[at] == 0x21:
            end = blocks(data, at + 2)
            repeats = data[at + 1] == 0xFF and data[at + 3 : at + 14] in {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
            wanted = data[at + 1] == 0xF9 or repeats
        else:
            raise ValueError("unknown block")
        if wanted:
            yield data[at:end]
        at = end
    yield b"\x3b"


def table(flags: int) -> int:
    """The bytes of a table of colours."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def blocks(data: bytes, at: int) -> int:
    """The end of the row of blocks that begins at ``at``."""
    while data[at]:
        at += 1 + data[at]
    return at + 1


if __name__ == "__main__":
    main(*sys.argv[1:])
