"""The list of emoji that people choose from."""

from types import SimpleNamespace

import pytest

from chatapp.config import PROJECT
from chatapp.lib.emoji_list import EmojiList

TONES = "🏻🏼🏽🏾🏿"


@pytest.fixture(scope="module")
def emoji_list() -> EmojiList:
    return EmojiList(SimpleNamespace(root_path=PROJECT))


def test_it_has_the_groups_of_unicode_in_their_order(emoji_list):
    names = [group.name for group in emoji_list.groups]
    assert (names[0], names[-1], len(names)) == ("Smileys & Emotion", "Flags", 9)
    assert emoji_list.groups[0].emoji[0].sign == "😀"


def test_each_emoji_is_there_once_and_has_a_name(emoji_list):
    everything = [emoji for group in emoji_list.groups for emoji in group.emoji]
    assert len(everything) == len({emoji.sign for emoji in everything}) > 1_800
    assert all(emoji.name for emoji in everything)


def test_no_emoji_is_longer_than_its_column(emoji_list):
    from chatapp.models.reaction import EMOJI_LIMIT

    assert max(len(emoji.sign) for group in emoji_list.groups for emoji in group.emoji) <= EMOJI_LIMIT


def test_tones_of_skin_are_left_out(emoji_list):
    assert not [emoji for group in emoji_list.groups for emoji in group.emoji if set(emoji.sign) & set(TONES)]
    assert emoji_list.find("👍🏽") is None


def test_emoji_that_many_devices_can_not_draw_yet_are_left_out(emoji_list):
    assert emoji_list.find("🫨") and not emoji_list.find("🫩")  # of Emoji 15 and of Emoji 16


def test_an_emoji_has_words_that_are_not_in_its_name(emoji_list):
    thumb = emoji_list.find("👍")
    assert thumb.name == "thumbs up" and "yes" in thumb.words.split() and "up" not in thumb.words.split()


@pytest.mark.parametrize("text", ["❤️", "❤"])
def test_an_emoji_is_known_with_and_without_its_selector(emoji_list, text):
    assert emoji_list.spelled(text) == "❤️" and emoji_list.name(text) == "red heart"


@pytest.mark.parametrize("text", ["", "x", "👍👍", "👍 ", "\ufe0f", "<b>", "\x00", "1", "👨‍"])
def test_any_other_text_is_not_an_emoji(emoji_list, text):
    assert emoji_list.find(text) is None and emoji_list.spelled(text) == text


def test_a_missing_package_says_what_to_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="npm ci"):
        EmojiList(SimpleNamespace(root_path=tmp_path))
