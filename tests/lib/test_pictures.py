"""Pictures from strangers: what is told of them by their header, and what is left of them."""

import io
from pathlib import Path

import pytest
from PIL import Image

from chatapp.lib import picture_maker
from chatapp.lib.file_types import PICTURES, UNKNOWN, type_of
from chatapp.lib.picture_sizes import size_of
from chatapp.lib.pictures import prepared
from tests.files import BOMBS, NEVER_INLINE, POLYGLOTS, SCRIPT, chunk, photo, picture

FORMATS = ["PNG", "JPEG", "GIF", "WEBP"]
MANY = 64_000_000


def made(data: bytes, box=(720, 540)) -> tuple[bytes, Image.Image] | None:
    """The clean copy and the thumbnail."""
    with prepared(io.BytesIO(data), type_of(data), MANY, box) as files:
        if files is None:
            return None
        return files.cleaned.read_bytes(), Image.open(io.BytesIO(files.thumbnail.read_bytes()))


@pytest.mark.parametrize("format", FORMATS)
def test_the_header_tells_type_and_size(format):
    data = picture(format, (123, 45))
    assert type_of(data) in PICTURES and size_of(data, type_of(data)) == (123, 45)
    assert all(size_of(data[:length], type_of(data)) in (None, (123, 45)) for length in range(0, 200, 3))


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\0\0II*\0"}, {}])
def test_each_kind_of_webp_tells_its_size(options):
    data = picture("WEBP", (301, 17), **options)
    assert size_of(data, "image/webp") == (301, 17)


def test_a_photo_that_was_taken_upright_has_the_size_at_which_people_see_it():
    assert size_of(photo(turned=6), "image/jpeg") == (300, 400)
    assert size_of(photo(turned=3), "image/jpeg") == (400, 300)


@pytest.mark.parametrize("name", NEVER_INLINE)
def test_what_a_browser_might_run_is_of_no_known_type(name):
    assert type_of(NEVER_INLINE[name]) == UNKNOWN


@pytest.mark.parametrize("name", BOMBS)
def test_the_header_of_a_bomb_tells_how_many_pixels_it_has(name):
    width, height = size_of(BOMBS[name], type_of(BOMBS[name]))
    assert width * height > MANY


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_the_position_is_gone_and_the_pixels_are_the_same(format):
    before = photo(format)
    after, _ = made(before)
    assert b"SecretCam" in before and b"SecretCam" not in after
    assert dict(Image.open(io.BytesIO(after)).getexif()) in ({}, {0x0112: 6})
    assert list(Image.open(io.BytesIO(after)).get_flattened_data()) == list(
        Image.open(io.BytesIO(before)).get_flattened_data()
    )


def test_a_thumbnail_is_upright_and_has_no_position():
    after, thumbnail = made(photo(turned=6), box=(100, 100))
    assert thumbnail.size == (75, 100) and dict(thumbnail.getexif()) == {}
    assert dict(Image.open(io.BytesIO(after)).getexif()) == {0x0112: 6}


def test_a_small_picture_is_not_made_larger():
    assert made(picture(size=(16, 12)))[1].size == (16, 12)


def test_transparency_and_movement_stay():
    frames = [Image.new("RGBA", (20, 20), (255, 0, 0, n)) for n in (0, 120)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], loop=0, duration=50, comment=b"SecretCam")
    after, thumbnail = made(file.getvalue())
    assert thumbnail.mode == "RGBA" and Image.open(io.BytesIO(after)).n_frames == 2
    assert b"SecretCam" not in after and b"NETSCAPE2.0" in after


@pytest.mark.parametrize("name", POLYGLOTS)
def test_nothing_is_left_of_what_stands_in_or_behind_a_picture(name):
    result = made(POLYGLOTS[name])
    assert result is None or (SCRIPT not in result[0] and b"alert" not in result[0])


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_that_got_past_the_header_is_refused(name):
    assert made(BOMBS[name]) is None


def test_a_text_of_a_png_that_unpacks_to_gigabytes_is_not_unpacked():
    data = picture("PNG")
    text = chunk(b"zTXt", b"a\0\0" + bytes(1000))
    after, _ = made(data[:33] + text + data[33:])
    assert after == data


def test_a_picture_that_takes_too_much_memory_is_no_picture(monkeypatch, tmp_path):
    small = tmp_path / "maker.py"
    small.write_text(Path(picture_maker.__file__).read_text().replace("768 * MIB", "200 * MIB"))
    monkeypatch.setattr("chatapp.lib.pictures.MAKER", small)
    assert made(picture()) and made(picture("PNG", (8000, 7900))) is None


def test_one_that_takes_too_long_is_no_picture(monkeypatch, tmp_path):
    slow = tmp_path / "maker.py"
    slow.write_text("import time; time.sleep(60)")
    monkeypatch.setattr("chatapp.lib.pictures.MAKER", slow)
    monkeypatch.setattr("chatapp.lib.pictures.TIMEOUT", 0.001)
    assert made(picture()) is None


@pytest.mark.parametrize("format", FORMATS)
def test_whatever_is_cut_off_or_broken_is_a_picture_or_none(format):
    data = picture(format, (60, 60))
    for place in range(0, len(data), 37):
        for broken in (data[:place], data[:place] + b"\xff\x00" + data[place + 2 :]):
            try:
                picture_maker.cleaned_bytes(broken, type_of(data))
            except Exception as error:
                assert type(error).__name__ in {"ValueError", "IndexError", "error"}, error
