import pytest

from chatapp.lib.csrf import exclusive_or, unmasked


def token_in(page: str) -> str:
    return page.split('name="csrf-token" content="')[1].split('"')[0]


def test_no_two_pages_show_the_same_token(alice):
    first, second = (token_in(alice.get("/chats/new").text) for _ in range(2))
    same = sum(a == b for a, b in zip(first, second, strict=True))
    assert same < len(first) / 4 and unmasked(first).split(".")[0] == unmasked(second).split(".")[0]


def test_no_page_shows_what_is_constant_in_a_token(alice):
    page = alice.get("/chats/new").text
    assert unmasked(token_in(page)).split(".")[0] not in page


def test_a_form_s_token_and_that_of_the_head_are_the_same_in_one_page(alice):
    page = alice.get("/chats/new").text
    assert page.count(token_in(page)) > 1


def test_a_token_without_a_mask_is_good_too_for_pages_of_the_release_before(alice, chat):
    form = {"content": "Hi", "csrf_token": unmasked(alice.token)}
    assert alice.open("POST", f"/chats/{chat.id}/messages", data=form).status_code == 303


@pytest.mark.parametrize("sent", ["", "a", "===", "é", "AAAA", "A" * 10_000, "a.b.c"])
def test_what_is_no_token_is_refused(alice, chat, sent):
    form = {"content": "Hi", "csrf_token": sent}
    assert alice.open("POST", f"/chats/{chat.id}/messages", data=form).status_code == 400


def test_bytes_of_different_lengths_have_no_exclusive_or():
    with pytest.raises(ValueError):
        exclusive_or(b"ab", b"a")


HERE, ELSEWHERE = "https://localhost", "https://localhost.example.com"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": HERE}, 303),
        ({"Referer": f"{HERE}/chats/1"}, 303),
        ({"Referer": f"{HERE}/chats/1", "Origin": "null"}, 303),
        ({"Origin": ELSEWHERE}, 400),
        ({"Origin": "null"}, 400),
        ({"Origin": "http://localhost"}, 400),
        ({"Referer": f"{ELSEWHERE}/"}, 400),
        ({"Referer": f"{ELSEWHERE}/", "Origin": HERE}, 400),
    ],
)
def test_over_https_a_request_may_lose_its_referer_but_not_come_from_elsewhere(alice, chat, headers, status):
    form = {"content": "Hi", "csrf_token": alice.token}
    answer = alice.open("POST", f"/chats/{chat.id}/messages", data=form, base_url=HERE, headers=headers)
    assert answer.status_code == status
