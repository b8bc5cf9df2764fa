"""The page to search in, and what it shows to whom."""

import re
from html import unescape

FRAME = {"Turbo-Frame": "search_results"}


def post(visitor, chat, content: str) -> int:
    return int(re.search(r'data-message-id="(\d+)"', visitor.send(chat, content).text)[1])


def page(visitor, typed: str = "", status: int = 200, **query) -> str:
    answer = visitor.get("/search", query_string={"q": typed, **query})
    assert answer.status_code == status
    return answer.text


def shown(html: str) -> list[int]:
    return [int(id) for id in re.findall(r'class="excerpts__link" href="/messages/(\d+)"', html)]


def test_what_is_found_has_its_words_marked_and_leads_to_its_chat(alice, bob, chat):
    id = post(alice, chat, "Ein **Café** in Paris")
    html = page(bob, "cafe par")
    assert shown(html) == [id] and "Ein <mark>Café</mark> in <mark>Par</mark>is" in html
    assert "<bdi>Plans</bdi>" in html and "Alice" in html
    assert bob.get(f"/messages/{id}").location == f"/chats/{chat.id}?around={id}#message_{id}"


def test_without_a_query_the_page_says_what_can_be_asked(alice):
    html = page(alice)
    assert "from:alice" in html and "Nothing found" not in html
    assert "Nothing found" in page(alice, "nowhere")


def test_what_is_older_has_a_page_of_its_own(alice, chat, monkeypatch):
    monkeypatch.setattr("chatapp.models.search.PAGE", 2)
    ids = [post(alice, chat, "tea & <b>") for _ in range(3)]
    html = page(alice, "tea &")
    assert shown(html) == [ids[2], ids[1]] and "tea</mark> &amp; &lt;b&gt;" in html
    older = unescape(re.search(r'href="(/search\?[^"]+)"', html)[1])
    assert shown(alice.get(older).text) == [ids[0]]
    assert "There are no older messages" in page(alice, "tea", before=ids[0])
    for strange in ("0", "-1", "x", "99999999999"):
        assert shown(page(alice, "tea", before=strange)) == [ids[2], ids[1]]


def test_a_filter_that_means_nothing_keeps_what_was_typed_and_says_why(alice, chat):
    post(alice, chat, "tea")
    html = page(alice, 'tea before:"soon"')
    assert "Type before:2026-11-28." in html and 'value="tea before:&#34;soon&#34;"' in html and not shown(html)
    assert "Use up to 200 characters" in page(alice, "x" * 201)


def test_a_filter_with_too_many_values_keeps_what_was_typed_and_says_what_to_do(alice, chat):
    id = post(alice, chat, "tea")
    for name in ("from", "in"):
        typed = " ".join(f"{name}:q{letter}" for letter in "abcdefghijklmnopqrstuvwx")
        html = page(alice, typed)
        assert f"Use {name}: up to 3 times in one search. Remove the others." in html
        assert f'value="{typed}"' in html and not shown(html)
    assert shown(page(alice, "from:alice from:bob from:charlie from: tea")) == [id]


def test_the_frame_comes_without_the_page_around_it(alice, chat):
    id = post(alice, chat, "tea")
    answer = alice.get("/search?q=tea", headers=FRAME)
    assert shown(answer.text) == [id] and "<html" not in answer.text and "sidebar" not in answer.text


def test_nobody_sees_what_others_can_read(alice, charlie, anonymous, removed, chat):
    post(alice, chat, "tea")
    for outsider in (charlie, removed):
        html = page(outsider, "tea")
        assert not shown(html) and "Plans" not in html and "Nothing found" in html
    assert anonymous.get("/search?q=tea").location.startswith("/login")


def test_a_deleted_message_is_not_found(alice, chat):
    id = post(alice, chat, "tea")
    alice.turbo("DELETE", f"/messages/{id}")
    assert "Nothing found" in page(alice, "tea")


def test_searching_very_often_is_stopped(app, alice, monkeypatch):
    monkeypatch.setitem(app.config, "SEARCH_RATE", "2 per day")
    assert [alice.get("/search?q=x").status_code for _ in range(3)] == [200, 200, 429]
