"""Files that people send: harmless ones, and a folder of hostile ones, made here: a scanner would find them in git."""

import io
import struct
import zlib

from PIL import Image

SCRIPT = b"<script>alert(document.domain)</script>"
#: Near the Brandenburg Gate, as a phone writes it.
POSITION = {1: "N", 2: (52.0, 30.0, 58.0), 3: "E", 4: (13.0, 22.0, 39.0)}


def picture(format: str = "PNG", size: tuple[int, int] = (40, 30), colour="teal", **options) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, format, **options)
    return file.getvalue()


def photo(format: str = "JPEG", size: tuple[int, int] = (400, 300), turned: int = 6) -> bytes:
    """With a position, the name of the camera, and a remark about how it was held."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = turned, "SecretCam", POSITION
    return picture(format, size, exif=exif)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(width: int, height: int) -> bytes:
    """Small, and a picture of many pixels for whoever decodes it."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(min((width // 8 + 1) * height, 2_000_000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def gif_bomb(width: int, height: int) -> bytes:
    screen = struct.pack("<6sHHBBB", b"GIF89a", width, height, 0xF0, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    return screen + frame + b"\x3b"


def webp_bomb(width: int, height: int) -> bytes:
    body = (
        b"VP8X"
        + struct.pack("<I", 10)
        + bytes(4)
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little")
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


#: The header tells how many pixels there are.
BOMBS = {
    "bomb.png": png_bomb(60_000, 60_000),
    "bomb.gif": gif_bomb(65_000, 65_000),
    "bomb.webp": webp_bomb(16_000, 16_000),
}
#: What lies in the folder "hostile" of somebody who wants to harm others: none of it may be shown on our pages.
NEVER_INLINE = {
    "picture.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>",
    "page.html": b"<!doctype html>" + SCRIPT,
    "page.xhtml": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT + b"</html>",
    "photo.png": b"<html>" + SCRIPT,
    "paper.pdf": b"%PDF-1.7\n/OpenAction << /S /JavaScript >>",
    "style.css": b"* { background: url(//evil.example) }",
    "code.js": b"alert(1)",
    "applet.swf": b"CWS\x0a",
    "image.tiff": b"II*\0",
    "data.xml": b'<?xml-stylesheet href="#s"?><x/>',
}
#: Pictures with something else in or behind them.
POLYGLOTS = {
    "gif-and-script.gif": picture("GIF") + b"=1;alert(1)//",
    "comment.gif": b"GIF89a/*" + SCRIPT,
    "jpeg-and-html.jpg": picture("JPEG", comment=SCRIPT) + SCRIPT,
    "png-and-zip.png": picture("PNG") + b"PK\x03\x04" + SCRIPT,
}
#: A name as it is sent, and what is made of it.
NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\Windows\\system32\\cmd.exe": "cmd.exe",
    "a\0b.txt": "ab.txt",
    "annex\u202egnp.exe": "annexgnp.exe",
    "x" * 1000 + ".png": "x" * 116 + ".png",
    "..": "file",
    "  . ": "file",
    "\u200b\u2066": "file",
    "line\r\nSet-Cookie: a=b.txt": "line Set-Cookie: a=b.txt",
    'quote".txt': 'quote".txt',
    "<img src=x onerror=alert(1)>.png": "<img src=x onerror=alert(1)>.png",
    "Bericht März.pdf": "Bericht März.pdf",
    "thumbnail": "thumbnail",
}
