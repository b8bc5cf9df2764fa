from chatapp.extensions import db
from chatapp.models import Chat
from chatapp.models.listing import listed, recently_active
from tests.queries import statements


def start(user, title: str, *contents: str) -> Chat:
    chat = Chat.start(user, title, assistant="never")
    for content in contents:
        chat.post(user, content)
    db.session.commit()
    return chat


def test_the_chat_with_the_newest_message_comes_first_and_empty_ones_by_their_age(alice):
    early = start(alice.user, "Early", "Hello")
    start(alice.user, "Empty")
    start(alice.user, "Late", "Hello")
    assert [line.title for line in listed(Chat.of(alice.user))] == ["Late", "Early", "Empty"]
    early.post(alice.user, "Back again")
    db.session.commit()
    assert [line.title for line in listed(Chat.of(alice.user))] == ["Early", "Late", "Empty"]


def test_a_line_says_who_spoke_last_and_how_many_listen(alice, bob, chat):
    chat.post(bob.user, "Hello")
    db.session.commit()
    line = listed(Chat.of(alice.user))[0]
    assert (line.id, line.members_count, line.last_message.author.name) == (chat.id, 2, "Bob")
    assert line.active_at == line.last_message.created_at


def test_a_deleted_message_was_not_the_last(alice, chat):
    first, second = chat.post(alice.user, "First"), chat.post(alice.user, "Second")
    second.delete()
    db.session.commit()
    assert listed(Chat.of(alice.user))[0].last_message is first


def test_only_the_chats_of_the_query_are_in_it(alice, charlie, chat):
    assert listed(Chat.of(charlie.user)) == []


def test_a_list_is_cut(alice):
    for number in range(42):
        Chat.start(alice.user, str(number))
    db.session.commit()
    assert len(recently_active(Chat.of(alice.user))) == 40
    assert len(listed(Chat.of(alice.user), limit=3)) == 3


def test_a_list_costs_a_fixed_number_of_statements(alice, bob):
    for number in range(20):
        start(alice.user, str(number), "Hello")
    db.session.expire_all()
    query = Chat.of(alice.user)
    with statements() as seen:
        for line in listed(query):
            assert line.last_message.author.name == "Alice" and line.members_count == 1
    assert len(seen) <= 4
