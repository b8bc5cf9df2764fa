"""The page of all mentions, the mark on it, and the list that opens at an @."""

import re

from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, Mention, MentionMark


def post(visitor, chat, content: str) -> int:
    return int(re.search(r'data-message-id="(\d+)"', visitor.send(chat, content).text)[1])


def shown(visitor, query: str = "") -> list[int]:
    return [int(id) for id in re.findall(r'class="excerpts__link" href="/messages/(\d+)"', page(visitor, query))]


def page(visitor, query: str = "") -> str:
    answer = visitor.get(f"/mentions{query}")
    assert answer.status_code == 200
    return answer.text


def test_the_page_lists_what_mentions_one_with_its_chat(alice, bob, chat):
    first, second = post(alice, chat, "Hi **@Bob**"), post(alice, chat, "@all hands")
    assert shown(bob) == [second, first] and shown(alice) == []
    assert "Hi @Bob" in page(bob) and "<bdi>Plans</bdi>" in page(bob)


def test_an_empty_page_says_what_will_be_there(alice):
    assert "Nobody has mentioned you yet" in page(alice)


def test_what_is_older_has_a_page_of_its_own(alice, bob, chat, monkeypatch):
    monkeypatch.setattr("chatapp.models.mention.PAGE_SIZE", 2)
    ids = [post(alice, chat, "@Bob") for _ in range(3)]
    assert shown(bob) == [ids[2], ids[1]] and f"/mentions?before={ids[1]}" in page(bob)
    assert shown(bob, f"?before={ids[1]}") == [ids[0]]
    assert "no older mentions" in page(bob, f"?before={ids[0]}")
    for strange in ("0", "-1", "x", "99999999999"):
        assert shown(bob, f"?before={strange}") == [ids[2], ids[1]]


def test_a_text_stays_text(alice, bob, chat):
    post(alice, chat, "@Bob <script>alert(1)</script>")
    assert "<script>alert" not in page(bob)


def test_whoever_was_removed_sees_nothing_of_it_any_more(alice, removed, chat):
    chat.admit(removed.user)
    db.session.commit()
    id = post(alice, chat, "@Rita")
    assert shown(removed) == [id]
    chat.dismiss(chat.membership_of(removed.user))
    db.session.commit()
    assert shown(removed) == [] and "Nobody has mentioned you yet" in page(removed)


def test_nobody_sees_the_mentions_of_others(alice, bob, charlie, chat, anonymous):
    post(alice, chat, "@Bob")
    assert shown(charlie) == []
    assert anonymous.get("/mentions").location.startswith("/login")


# The mark


def dot(visitor) -> bool:
    return 'title="Mentions" data-new>' in visitor.get("/").text


def see(visitor, id, **options):
    return visitor.turbo("POST", "/mentions/marks", {"message_id": id}, **options)


def test_a_dot_stays_until_one_has_looked(alice, bob, chat):
    assert not dot(bob)
    id = post(alice, chat, "@Bob")
    assert dot(bob) and not dot(alice)
    assert "excerpts__item--new" in page(bob) and dot(bob)  # to read a page changes nothing
    assert (see(bob, id).status_code, see(bob, id).text) == (204, "")
    assert not dot(bob) and "excerpts__item--new" not in page(bob)


def test_without_scripts_a_button_says_that_one_has_looked(alice, bob, chat):
    id = post(alice, chat, "@Bob")
    assert f'name="message_id" value="{id}"' in page(bob)
    answer = bob.submit("/mentions/marks", {"message_id": id})
    assert (answer.status_code, answer.location) == (303, "/mentions")
    assert not dot(bob) and 'name="message_id"' not in page(bob)


def test_a_mark_that_is_no_number_is_refused(bob):
    for strange in ("", "x", "-1", "1" * 40):
        assert see(bob, strange).status_code == 422
    assert db.session.scalars(select(MentionMark)).all() == []


def test_the_chat_is_marked_in_the_list(alice, bob, chat):
    post(alice, chat, "@Bob")
    assert f'id="mention_chat_{chat.id}" class="chats__mention">@<span' in bob.get("/").text
    assert f'id="mention_chat_{chat.id}" class="chats__mention"></span>' in alice.get("/").text


def test_one_s_own_style_highlights_what_means_one(bob):
    style = bob.get(f"/users/{bob.id}.css").text
    assert f'[data-mention-id="{bob.id}"]{{--mention-background:' in style


# What is typed and changed


def test_the_editor_has_the_text_as_it_was_typed(alice, bob, chat):
    id = post(alice, chat, "Hi @bob")
    assert ">\nHi @bob</textarea>" in alice.get(f"/messages/{id}/edit").text.replace("\r", "")
    answer = alice.turbo("PATCH", f"/messages/{id}", {"content": "Hello @bob"})
    assert f'data-mention-id="{bob.id}">@Bob</bdi>' in answer.text
    alice.turbo("PATCH", f"/messages/{id}", {"content": "Hello"})
    assert db.session.scalars(select(Mention)).all() == []


def test_a_message_that_is_sent_twice_mentions_once(alice, bob, chat):
    for _ in range(2):
        alice.send(chat, "@Bob", client_id="once-and-again")
    assert len(db.session.scalars(select(Mention)).all()) == 1


# The list that opens at an @


def options(visitor, chat, typed: str = "") -> list[str]:
    answer = visitor.get(f"/chats/{chat.id}/mentionables", query_string={"q": typed})
    assert answer.status_code == 200
    return re.findall(r'role="option" data-mention-text="([^"]*)"', answer.text)


def test_members_are_offered_the_others(alice, bob, chat):
    assert options(alice, chat) == ["Bob", "all"] and options(bob, chat, "al") == ["Alice", "all"]
    assert options(alice, chat, "x" * 5000) == []


def test_a_name_in_the_list_is_text(alice, bob, chat):
    bob.user.name = '"><script>'
    db.session.commit()
    answer = alice.get(f"/chats/{chat.id}/mentionables")
    assert "<script>" not in answer.text and options(alice, chat) == ["&#34;&gt;&lt;script&gt;", "all"]


def test_only_members_are_told_who_is_there(alice, charlie, removed, chat):
    for visitor in (charlie, removed):
        assert visitor.get(f"/chats/{chat.id}/mentionables").status_code == 404
    open_chat = Chat.start(alice.user, "Open", kind="open")
    db.session.commit()
    assert charlie.get(f"/chats/{open_chat.id}/mentionables").status_code == 403
