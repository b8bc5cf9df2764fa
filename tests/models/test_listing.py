from chatapp.extensions import db
from chatapp.models import Chat
from chatapp.models.listing import listed
from tests.queries import messages_of, statements


def start(user, title: str, *contents: str) -> Chat:
    chat = Chat.start(user, title, assistant="never")
    for content in contents:
        chat.post(user, content)
    db.session.commit()
    return chat


def titles(user) -> list[str]:
    return [entry.display_title for entry in listed(Chat.of(user))]


def test_the_chat_with_the_newest_message_comes_first_and_empty_ones_by_their_age(alice):
    early = start(alice.user, "Early", "Hello")
    start(alice.user, "Empty")
    start(alice.user, "Late", "Hello")
    assert titles(alice.user) == ["Late", "Early", "Empty"]
    early.post(alice.user, "Back again")
    db.session.commit()
    assert titles(alice.user) == ["Early", "Late", "Empty"]


def test_an_entry_says_how_many_listen(alice, bob, chat):
    (entry,) = listed(Chat.of(alice.user))
    assert (entry.id, entry.display_title, entry.members_count) == (chat.id, "Plans", 2)


def test_a_deleted_message_was_not_the_newest(alice):
    start(alice.user, "Early", "Hello")
    late = start(alice.user, "Late", "Hello")
    messages_of(late)[0].delete()
    db.session.commit()
    assert titles(alice.user) == ["Early", "Late"]


def test_only_the_chats_of_the_query_are_in_it(alice, charlie, chat):
    assert listed(Chat.of(charlie.user)) == []


def test_a_list_is_cut(alice):
    for number in range(4):
        Chat.start(alice.user, str(number))
    db.session.commit()
    assert len(listed(Chat.of(alice.user), limit=3)) == 3


def test_a_list_costs_a_fixed_number_of_statements(alice, bob):
    for number in range(20):
        start(alice.user, str(number), "Hello")
    db.session.expire_all()
    query = Chat.of(alice.user)
    with statements() as seen:
        assert {entry.members_count for entry in listed(query)} == {1}
    assert len(seen) <= 3
