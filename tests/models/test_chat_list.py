"""The heads of chats, and a person's list of them."""

import re

from sqlalchemy import delete

from chatapp.extensions import db
from chatapp.models import Chat, Message
from chatapp.models.chat_list import ChatList
from chatapp.models.mixins.headline import Head
from chatapp.models.mixins.lists_chats import LISTED
from chatapp.models.unread import COUNTED, pairs
from chatapp.turbo.testing import captured_broadcasts
from tests.queries import statements


def start(user, title: str, *contents: str) -> Chat:
    chat = Chat.start(user, title, assistant="never")
    for content in contents:
        chat.post(user, content)
    db.session.commit()
    return chat


def head_of(chat: Chat) -> Head:
    (head,) = Chat.read_heads([chat])
    return head


def titles(visitor) -> list[str]:
    return [line.head.title for line in ChatList(visitor.user).lines]


def test_a_head_says_who_said_what_last(alice, bob, chat):
    question, answer = chat.post(alice.user, "Shall we?"), chat.post(bob.user, "**Yes**, " + "we " * 100)
    db.session.commit()
    head = head_of(chat)
    assert (head.title, head.archived, head.author, head.author_id) == ("Plans", False, "Bob", bob.id)
    assert head.words.startswith("Yes, we we") and len(head.words) <= 120
    assert head.said_at == answer.created_at
    assert head.newest == f"{bob.id}:{answer.id} {alice.id}:{question.id}"


def test_the_head_of_an_empty_chat_has_its_title_alone(alice):
    chat = start(alice.user, "")
    assert (head_of(chat).title, head_of(chat).newest, head_of(chat).said_at) == ("New chat", "", None)


def test_a_message_without_words_shows_its_state(alice, chat):
    message = chat.post(alice.user, "Hello")
    for state, words in (("generating", "…"), ("failed", "No answer"), ("stopped", "Stopped")):
        message.content, message.state = "", state
        db.session.commit()
        assert head_of(chat).words == words


def test_a_deleted_message_is_not_in_a_head(alice, chat):
    first, second = chat.post(alice.user, "First"), chat.post(alice.user, "Second")
    second.delete()
    db.session.commit()
    assert head_of(chat).words == "First" and head_of(chat).newest == f"{alice.id}:{first.id}"


def test_a_head_counts_the_newest_messages_only(alice, bob, chat):
    db.session.add_all(Message(chat=chat, author=bob.user, content="Hello") for _ in range(COUNTED + 10))
    db.session.commit()
    ids = [id for _, id in pairs(head_of(chat).newest)]
    assert len(ids) == COUNTED and ids == sorted(ids, reverse=True)
    assert str(ChatList(alice.user).lines[0].unread) == f"{COUNTED}+"


def test_two_heads_that_show_the_same_are_equal_as_text(alice, chat):
    chat.post(alice.user, "Hello")
    db.session.commit()
    one = repr(head_of(chat))
    db.session.expire_all()
    assert repr(head_of(chat)) == one


def test_a_head_has_no_reader_in_it(alice, bob, chat):
    chat.post(bob.user, "Hello")
    db.session.commit()
    html = chat.render_head(head_of(chat))
    assert f'data-user-id="{bob.id}"' in html and "aria-current" not in html
    assert re.search(rf'^<a id="head_chat_{chat.id}"[^>]* data-head data-revision="\d+" data-newest="', html)


def test_a_title_with_a_script_stays_text(chat):
    chat.title = "<script>alert(1)</script>"
    db.session.commit()
    assert "<script>" not in chat.render_head(head_of(chat))


def test_the_chat_with_the_newest_message_comes_first_and_empty_ones_last(alice):
    early = start(alice.user, "Early", "Hello")
    for title in ("Empty", "Empty too"):
        start(alice.user, title)
    start(alice.user, "Late", "Hello")
    assert titles(alice) == ["Late", "Early", "Empty too", "Empty"]
    early.post(alice.user, "Back again")
    db.session.commit()
    assert titles(alice) == ["Early", "Late", "Empty too", "Empty"]


def test_archived_chats_are_in_the_list_and_not_shown(alice, chat):
    assert ChatList(alice.user).is_shown
    chat.archive()
    db.session.commit()
    chat_list = ChatList(alice.user)
    assert [line.head.archived for line in chat_list.lines] == [True] and not chat_list.is_shown
    html = alice.user.list_fragments(chat_list.chats)
    assert f'<li id="listed_chat_{chat.id}" class="chats__item" data-chat-id="{chat.id}" hidden>' in html


def test_the_list_is_that_of_one_person(alice, charlie, chat):
    assert titles(charlie) == []


def test_the_list_has_the_chats_that_were_joined_last(alice, monkeypatch):
    assert LISTED == 500
    monkeypatch.setattr("chatapp.models.mixins.lists_chats.LISTED", 2)
    for title in ("First", "Second", "Third"):
        start(alice.user, title)
    assert titles(alice) == ["Third", "Second"]


def test_the_list_shows_exactly_the_chats_that_it_is_made_of(alice, bob, chat):
    other = start(alice.user, "Other", "Hello")
    html = alice.user.list_fragments([chat])
    assert html.startswith(f'<turbo-stream action="replace" target="chats_user_{alice.id}"><template><ul ')
    assert f'id="head_chat_{chat.id}"' in html and f'id="head_chat_{other.id}"' not in html


def test_a_chat_that_goes_while_a_list_is_read_has_a_hidden_line(nothing_remembered, alice):
    """A job deletes it between the two reads. Its members' lists have changed by then, so they come anew."""
    gone, other = start(alice.user, "Gone"), start(alice.user, "Other")
    listed = alice.user.listed()
    db.session.execute(delete(Chat.__table__).where(Chat.__table__.c.id == gone.id))
    lines = {line.chat: line for line in ChatList(alice.user, listed).lines}
    assert lines[gone].head.archived and not lines[other].head.archived


def test_a_page_can_add_up_the_position_of_the_list(alice, chat):
    start(alice.user, "Other", "Hello")
    html = alice.user.list_fragments(alice.user.listed())
    own = int(re.search(r"data-lists data-revision=\"(\d+)\"", html)[1])
    heads = [int(revision) for revision in re.findall(r'data-head data-revision="(\d+)"', html)]
    assert len(heads) == 2
    assert own * 2**28 + sum(heads) == alice.user.position(alice.user.listed())


def test_a_list_of_many_chats_costs_as_many_statements_as_a_list_of_one(nothing_remembered, alice):
    """Two for the heads, which a process that announced them remembers."""
    start(alice.user, "First", "Hello")
    seen = []
    for many in (0, 30):
        for number in range(many):
            start(alice.user, str(number), "Hello")
        with statements() as now:
            assert all(line.head.author == "Alice" for line in ChatList(alice.user).lines)
        seen.append(len(now))
    assert seen == [4, 4]


def test_a_message_costs_one_publication_and_its_own_rows_however_many_list_the_chat(chat, alice, person):
    for name in ("Dora", "Emil", "Fay"):
        chat.admit(person(name).user)
    db.session.commit()
    with statements() as now, captured_broadcasts() as broadcasts:
        chat.post(alice.user, "Hello")
        db.session.commit()
    writes = [" ".join(sql.split()[:3]) for sql, _ in now if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert writes == ["INSERT INTO messages", "INSERT INTO search_texts", "UPDATE chats SET", "UPDATE messages SET"]
    assert [broadcast.stream for broadcast in broadcasts] == [chat.stream_name]
    assert "Hello" in chat.new_head
