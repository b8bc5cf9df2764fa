"""The picture of a person: sent, seen, and removed."""

import io
import re

import pytest
from PIL import Image

from chatapp.extensions import db, storage
from chatapp.models import User
from tests.files import BOMBS, NEVER_INLINE, POLYGLOTS, SCRIPT, photo, picture


def send(visitor, data: bytes, name: str = "me.png"):
    return visitor.submit("/profile/portrait", {"_method": "patch", "picture": (io.BytesIO(data), name)})


def user(visitor) -> User:
    return db.session.get(User, visitor.id, populate_existing=True)


def address(visitor) -> str:
    return re.search(r'src="(/users/\d+/portraits/\w+)"', visitor.get("/profile").text)[1]


def kept(visitor) -> tuple[bytes, Image.Image]:
    with storage.open(user(visitor).portrait_key) as file:
        data = file.read()
    return data, Image.open(io.BytesIO(data))


def striped(width: int, height: int) -> bytes:
    """Red with a green square in the middle."""
    image = Image.new("RGB", (width, height), "red")
    side = min(width, height)
    image.paste("lime", ((width - side) // 2, (height - side) // 2, (width + side) // 2, (height + side) // 2))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("size", [(800, 300), (300, 900), (40, 20)])
def test_the_server_takes_the_middle_square(alice, size):
    answer = send(alice, striped(*size))
    assert (answer.status_code, answer.location) == (303, "/profile")
    image = kept(alice)[1].convert("RGB")
    assert image.size == (192, 192)
    for place in ((8, 96), (184, 96), (96, 8), (96, 184)):
        red, green, _ = image.getpixel(place)
        assert red < 60 < 200 < green


def test_a_photo_is_upright_and_tells_neither_place_nor_camera(alice):
    assert send(alice, photo(turned=6), "me.jpg").status_code == 303
    data, image = kept(alice)
    assert dict(image.getexif()) == {} and b"SecretCam" not in data


def test_what_is_transparent_is_white(alice):
    file = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(file, "PNG")
    send(alice, file.getvalue())
    assert kept(alice)[1].convert("RGB").getpixel((9, 9)) == (255, 255, 255)


def test_the_address_has_a_version_and_browsers_keep_it(alice, bob):
    send(alice, picture())
    answer = bob.get(address(alice))
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    first = address(alice)
    send(alice, picture(colour="red"))
    assert address(alice) != first
    old = bob.get(first)  # of a page that slept
    assert old.status_code == 200 and old.headers["Cache-Control"] == "private, no-cache"


def test_only_people_who_are_logged_in_see_it(alice, anonymous):
    send(alice, picture())
    assert anonymous.get(address(alice)).location.startswith("/login")


@pytest.mark.parametrize("name", [*BOMBS, *NEVER_INLINE])
def test_bombs_and_what_is_no_picture_are_refused(alice, name):
    answer = send(alice, (BOMBS | NEVER_INLINE)[name], name)
    words = "too many pixels" if name in BOMBS else "Choose a JPEG, PNG, GIF or WebP file."
    assert answer.status_code == 422 and words in answer.text
    assert user(alice).portrait_key is None


@pytest.mark.parametrize("name", POLYGLOTS)
def test_of_a_picture_with_something_else_in_it_only_the_pixels_stay(alice, name):
    answer = send(alice, POLYGLOTS[name], name)
    if name == "comment.gif":  # there is no picture in it
        assert answer.status_code == 422 and user(alice).portrait_key is None
        return
    data = kept(alice)[0]
    assert data[:4] == b"RIFF" and SCRIPT not in data and b"alert" not in data


@pytest.mark.parametrize("data", [b"", picture("JPEG")[:200], b"\x89PNG\r\n\x1a\n" + b"x" * 100])
def test_a_broken_picture_is_refused_and_the_old_one_stays(alice, data):
    send(alice, picture())
    before = user(alice).portrait_key
    answer = send(alice, data)
    assert answer.status_code == 422 and 'id="picture_errors"' in answer.text
    assert user(alice).portrait_key == before


def test_to_choose_nothing_is_said_to_be_nothing(alice):
    answer = alice.submit("/profile/portrait", {"_method": "patch", "picture": (io.BytesIO(b""), "")})
    assert answer.status_code == 422 and "Choose a picture first." in answer.text


def test_a_file_that_is_too_large_is_refused(alice, anonymous, monkeypatch):
    data = picture() + bytes(100_000)
    assert send(alice, data).status_code == 303
    assert send(anonymous, data).status_code == 413
    monkeypatch.setattr("chatapp.bodies.PICTURE", 10_000)
    assert send(alice, data).status_code == 413


def test_a_removed_picture_is_gone_and_the_initials_are_back(alice, bob, work):
    send(alice, picture())
    old = address(alice)
    assert alice.submit("/profile/portrait", {"_method": "delete"}).status_code == 303
    work()
    assert bob.get(old).status_code == 404
    page = alice.get("/profile").text
    assert "/portraits/" not in page and "Remove the picture" not in page
