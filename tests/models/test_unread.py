import pytest

from chatapp.models.unread import COUNTED, unread

ME, BOB = 4, 9


def newest(*authors: int) -> str:
    """Messages 1, 2, … of these authors, the newest first."""
    return " ".join(f"{author}:{id}" for id, author in reversed(list(enumerate(authors, 1))))


@pytest.mark.parametrize(("read_id", "words"), [(0, "3"), (1, "2"), (3, ""), (99, "")])
def test_what_is_newer_than_the_mark_is_unread(read_id, words):
    assert str(unread(newest(BOB, BOB, BOB), ME, read_id)) == words


def test_one_s_own_messages_never_count():
    assert str(unread(newest(BOB, ME, BOB, ME), ME, 0)) == "2"
    assert str(unread(newest(ME, ME), ME, 0)) == ""


def test_a_mark_on_a_message_that_was_deleted_since_counts_all_the_same():
    assert str(unread(f"{BOB}:8 {BOB}:3", ME, 5)) == "1"


def test_where_all_that_count_are_unread_there_may_be_more():
    full = newest(*[BOB] * COUNTED)
    assert str(unread(full, ME, 0)) == f"{COUNTED}+"
    assert str(unread(full, ME, 1)) == str(COUNTED - 1)
    assert str(unread(newest(ME, *[BOB] * (COUNTED - 1)), ME, 0)) == f"{COUNTED - 1}+"


def test_an_empty_chat_has_nothing_unread():
    assert str(unread("", ME, 0)) == ""
