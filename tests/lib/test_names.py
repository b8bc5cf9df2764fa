import pytest

from chatapp.lib.names import composed, flaw, looks_like


@pytest.mark.parametrize(
    "name",
    [
        "Ada Lovelace", "D'Arcy O’Neill-Smith Jr.", "Zoë", "Łukasz", "Nguyễn Thị Minh Khai", "山田 太郎", "김민수",
        "محمد علی", "می‌خواهم", "דָּוִד", "สมชาย ใจดี", "प्रियंका", "R2-D2", "7", "👩‍💻", "❤️", "🏴‍☠️ Jack", "x" * 60,
    ],
)  # fmt: skip
def test_people_s_names_are_taken(name):
    assert flaw(composed(name)) is None


@pytest.mark.parametrize(
    "name",
    [
        "\u200b", "\u2800", "\u3164", "\u115f\u1160", "\uffa0", "\u00ad", "\u2060\u2060", "\ufeff", "A\u200b", "\u200d",
        "Ada\u202eecila", "\u2066Ada", "Ada\u200f", "\u200eAda", "A\u200d\u200dda", "Ada\u200d", "Ada \u200dB",
        "\ue000", "A\u034fda", "Ada\u2028B", "\ud800", "\U000e0041", "\U0001d159", "\U00013441", "\ufffc",
    ],
)  # fmt: skip
def test_what_can_not_be_seen_is_refused(name):
    assert "can't be seen" in flaw(name)


@pytest.mark.parametrize("name", ["\ufe0f", "\ufe0f\ufe0f"])
def test_a_name_that_is_empty_to_the_eye_is_refused(name):
    assert "at least one letter" in flaw(name)


@pytest.mark.parametrize(
    "name", ["a" + "\u0301\u0302" * 29, "Ada" + "\u0489" * 4, "\u0301Ada", "Z\u0336\u0337\u0338\u0335a"]
)
def test_towers_of_accents_are_refused(name):
    assert "accents" in flaw(composed(name))


@pytest.mark.parametrize(
    "name",
    [
        "Assistant", "ASSISTANT", "assistant", "Аssistant", "Аѕѕіѕтаnt", "Ass1stant", "Asslstant", "Assıstant",
        "Àssistánt", "ＡＳＳＩＳＴＡＮＴ", "𝐀𝐬𝐬𝐢𝐬𝐭𝐚𝐧𝐭", "As sis tant",
        "A.s.s.i.s.t.a.n.t", "_Assistant_", "Ⓐⓢⓢⓘⓢⓣⓐⓝⓣ", "Assistant 🤖", "ᴀssɪsᴛᴀɴᴛ",
        "Aꜱꜱɪꜱᴛᴀɴᴛ", "@ssi$tant", "A551st4nt",
    ],
)  # fmt: skip
def test_what_looks_like_another_name_is_known(name):
    assert looks_like(name, "Assistant")


@pytest.mark.parametrize("name", ["Assist", "Ada, the assistant", "Assistants", "Ada", "Аня", "助手", ""])
def test_what_looks_different_is_different(name):
    assert not looks_like(name, "Assistant")
