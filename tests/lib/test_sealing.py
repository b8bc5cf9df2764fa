import pytest

from chatapp.lib.sealing import Unreadable, seal, unseal

SECRET = "a long random text"


def test_what_was_sealed_can_be_read_with_the_same_secret_for_the_same_purpose():
    sealed = seal("sk-1 é", SECRET, "keys")
    assert unseal(sealed, SECRET, "keys") == "sk-1 é"
    assert sealed.isascii() and "sk-1" not in sealed and sealed != seal("sk-1 é", SECRET, "keys")


@pytest.mark.parametrize(("secret", "purpose"), [("another", "keys"), (SECRET, "pages"), ("", "keys")])
def test_nobody_reads_it_with_another_secret_or_for_another_purpose(secret, purpose):
    with pytest.raises(Unreadable) as refused:
        unseal(seal("sk-1", SECRET, "keys"), secret, purpose)
    assert "sk-1" not in repr(refused.value)


@pytest.mark.parametrize("text", ["", "x", "gAAAA", "é", "\0"])
def test_other_texts_are_not_taken_for_sealed_ones(text):
    with pytest.raises(Unreadable):
        unseal(text, SECRET, "keys")


def test_it_can_be_too_old():
    sealed = seal("sk-1", SECRET, "keys")
    assert unseal(sealed, SECRET, "keys", seconds=60) == "sk-1"
    with pytest.raises(Unreadable):
        unseal(sealed, SECRET, "keys", seconds=-1)
