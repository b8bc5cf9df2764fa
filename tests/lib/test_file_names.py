import pytest

from chatapp.lib.file_names import LENGTH, clean, disposition
from tests.files import NAMES


@pytest.mark.parametrize(("sent", "kept"), NAMES.items())
def test_a_name_loses_its_path_and_what_cannot_be_seen(sent, kept):
    assert clean(sent) == kept and len(clean(sent)) <= LENGTH


def test_a_name_of_a_million_marks_takes_no_time():
    assert len(clean("a" + "\u0301\u0316" * 500_000)) <= LENGTH


def test_the_header_has_the_name_for_old_and_new_browsers_and_nothing_else():
    header = disposition('März "1"\r\n.pdf', inline=False)
    assert header == "attachment; filename=\"M_rz _1___.pdf\"; filename*=UTF-8''M%C3%A4rz%20%221%22%0D%0A.pdf"
    assert disposition("a.png", inline=True).startswith("inline; ")
