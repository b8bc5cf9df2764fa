"""Reading back: pages of 50 messages, or of as many as the address asks for."""

import re

import pytest
from sqlalchemy import insert

from chatapp.extensions import db
from chatapp.models import Chat, ListedChat, Message
from tests.queries import messages_of, statements


@pytest.fixture
def long_chat(chat, alice, bob):
    """With 120 messages."""
    write(chat, alice.user, 120)
    return chat


def write(chat, author, many: int) -> None:
    rows = [{"chat_id": chat.id, "author_id": author.id, "content": f"Number {number}."} for number in range(many)]
    db.session.execute(insert(Message), rows)
    db.session.commit()


def ids(answer) -> list[int]:
    return [int(id) for id in re.findall(r'<article id="message_(\d+)"', answer.text)]


def next_page(answer) -> str | None:
    # The frame before message 0 is a template.
    found = re.search(r'<turbo-frame id="messages_before_[1-9][^>]* src="([^"]+)"', answer.text)
    return found and found[1]


def test_the_page_shows_the_newest_fifty(alice, long_chat):
    answer = alice.get(f"/chats/{long_chat.id}")
    assert len(ids(answer)) == 50 and ids(answer) == sorted(ids(answer))
    assert "Number 119." in answer.text and "Number 69." not in answer.text


def test_reading_back_shows_every_message_once(alice, long_chat):
    answer = alice.get(f"/chats/{long_chat.id}")
    seen = ids(answer)
    pages = [len(seen)]
    while path := next_page(answer):
        answer = alice.get(path, headers={"Turbo-Frame": "x"})
        seen = ids(answer) + seen
        pages.append(len(ids(answer)))
    assert pages == [50, 50, 20]
    assert seen == sorted(set(seen)) and len(seen) == 120


@pytest.mark.parametrize(
    "limit, count", [("20", 20), ("1", 1), ("50", 50), ("51", 50), ("0", 50), ("-3", 50), ("many", 50)]
)
def test_a_page_has_as_many_messages_as_its_address_asks_for_and_never_more_than_fifty(alice, long_chat, limit, count):
    shown = ids(alice.get(f"/chats/{long_chat.id}"))
    earlier = alice.get(f"/chats/{long_chat.id}/messages?before={shown[0]}&limit={limit}")
    assert ids(earlier) == list(range(shown[0] - count, shown[0]))
    later = alice.get(f"/chats/{long_chat.id}/messages?after={shown[0] - 61}&limit={limit}")
    assert ids(later) == list(range(shown[0] - 60, shown[0] - 60 + count))


def test_a_turbo_frame_gets_the_frame_alone_under_the_name_that_asked(alice, long_chat):
    path = next_page(alice.get(f"/chats/{long_chat.id}"))
    before = path.rpartition("=")[2]
    answer = alice.get(path, headers={"Turbo-Frame": f"messages_before_{before}"})
    assert answer.text.startswith(f'<turbo-frame id="messages_before_{before}"') and "<html" not in answer.text


def test_without_scripts_the_same_address_is_a_page(alice, long_chat):
    path = next_page(alice.get(f"/chats/{long_chat.id}"))
    answer = alice.get(path)
    assert answer.text.startswith("<!doctype html>") and len(ids(answer)) == 50


def test_a_page_with_unread_messages_begins_with_what_was_read_before(alice, bob, chat):
    write(chat, bob.user, 20)
    read_up_to(alice, chat, messages_of(chat)[9].id)
    write(chat, bob.user, 100)
    answer = alice.get(f"/chats/{chat.id}")
    assert len(ids(answer)) == 115 and "Number 5." in answer.text
    assert len(ids(bob.get(f"/chats/{chat.id}"))) == 50  # his own


def test_a_page_with_very_many_unread_messages_shows_the_newest_fifty(alice, bob, chat):
    write(chat, bob.user, 199)
    assert len(ids(alice.get(f"/chats/{chat.id}"))) == 199
    write(chat, bob.user, 1)
    assert len(ids(alice.get(f"/chats/{chat.id}"))) == 50


def read_up_to(visitor, chat, message_id: int) -> None:
    ListedChat.locked(visitor.user, chat).read(message_id)
    db.session.commit()


def test_exactly_fifty_messages_have_nothing_before_them(alice, bob, chat):
    write(chat, bob.user, 50)
    answer = alice.get(f"/chats/{chat.id}")
    assert (len(ids(answer)), next_page(answer)) == (50, None)


def test_deleted_messages_do_not_count(alice, long_chat):
    for message in messages_of(long_chat)[10:20]:
        message.delete()
    db.session.commit()
    assert len(ids(alice.get(f"/chats/{long_chat.id}"))) == 50


@pytest.mark.parametrize("before", ["", "0", "-1", "abc", str(2**31), "9" * 40, "1.5"])
def test_before_what_is_no_message_leads_to_the_chat(alice, long_chat, before):
    answer = alice.get(f"/chats/{long_chat.id}/messages?before={before}")
    assert (answer.status_code, answer.location) == (303, f"/chats/{long_chat.id}")


def test_before_the_first_message_there_is_nothing(alice, long_chat):
    assert ids(alice.get(f"/chats/{long_chat.id}/messages?before=1")) == []


def test_the_history_is_for_members(charlie, removed, anonymous, long_chat):
    path = f"/chats/{long_chat.id}/messages?before=99999"
    assert charlie.get(path).status_code == removed.get(path).status_code == 404
    assert anonymous.get(path).location.startswith("/login?next=/chats/")


def test_a_chat_with_a_thousand_messages_costs_as_many_statements_as_one_with_ten(nothing_remembered, alice, bob, chat):
    write(chat, alice.user, 5)
    write(chat, bob.user, 5)
    path = f"/chats/{chat.id}"
    alice.get(path)  # logs in
    with statements() as few:
        alice.get(path)
    write(chat, bob.user, 990)
    with statements() as many:
        alice.get(path)
    assert len(few) == len(many) < 18


def test_the_list_of_many_chats_costs_as_many_statements_as_that_of_one(alice, bob, chat):
    alice.get("/")
    with statements() as few:
        alice.get("/")
    for number in range(30):
        Chat.start(alice.user, f"Number {number}").post(alice.user, "Hello")
    db.session.commit()
    with statements() as many:
        alice.get("/")
    # One query for the last messages and one for the counts, once there is a message.
    assert len(few) == len(many) < 12


def test_the_newest_messages_are_found_by_an_index(database, alice, long_chat):
    if database != "sqlite":
        pytest.skip("PostgreSQL plans by statistics, and a small table is read whole")
    with statements() as seen:
        long_chat.page_of_messages()
        long_chat.page_of_messages(before=100)
        db.session.scalars(long_chat.changed_since(3)).all()
    of_messages = [(statement, parameters) for statement, parameters in seen if "FROM messages" in statement]
    assert len(of_messages) == 4  # the rows of one page are remembered
    for statement, parameters in of_messages:
        plan = str(db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
        assert re.search("SEARCH messages USING (INDEX ix_messages_|INTEGER PRIMARY KEY)", plan), plan
        assert "SCAN messages" not in plan and "TEMP B-TREE" not in plan, plan
