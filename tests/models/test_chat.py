import threading

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db, queue
from chatapp.models import Chat, Membership, Message, User
from chatapp.turbo.testing import captured_broadcasts


def ids(chat) -> list[int]:
    return [membership.user_id for membership in chat.member_list()]


def test_who_starts_a_chat_is_its_member(alice):
    chat = Chat.start(alice.user, "Plans")
    db.session.commit()
    assert (ids(chat), chat.kind, chat.assistant) == ([alice.id], "closed", "always")
    assert chat.members_count == 1


def test_admitting_twice_makes_one_member(alice, charlie, chat):
    chat.admit(charlie.user)
    chat.admit(charlie.user)
    db.session.commit()
    assert ids(chat).count(charlie.id) == 1


def test_admitting_at_the_same_moment_makes_one_member(app, chat, charlie):
    chat_id, user_id, errors, start = chat.id, charlie.id, [], threading.Barrier(4)

    def admit():
        with app.app_context():
            own, user = db.session.get(Chat, chat_id), db.session.get(User, user_id)
            start.wait()
            try:
                own.admit(user)
                db.session.commit()
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=admit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert errors == []
    assert db.session.scalar(select(func.count()).where(Membership.user_id == user_id)) == 1


def test_the_longest_standing_members_come_first(alice, bob, charlie, chat):
    chat.admit(charlie.user)
    db.session.commit()
    assert ids(chat) == [alice.id, bob.id, charlie.id]


# Posting


def test_the_first_words_become_the_title_of_a_chat_without_one(alice):
    chat = Chat.start(alice.user)
    assert chat.display_title == "New chat"
    chat.post(alice.user, "# Where do we *eat*?\nI am hungry.")
    chat.post(alice.user, "Nobody?")
    db.session.commit()
    assert chat.title == "Where do we eat?"


def test_a_title_that_was_given_stays(alice, chat):
    chat.post(alice.user, "Hello")
    assert chat.title == "Plans"


def test_who_writes_into_an_open_chat_is_a_member(alice, charlie):
    chat = Chat.start(alice.user, "For all", kind="open", assistant="never")
    chat.post(charlie.user, "Hello")
    db.session.commit()
    assert ids(chat) == [alice.id, charlie.id]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_client_id_makes_one_message_for_each_author(alice, chat, elsewhere):
    other = Chat.start(alice.user, "Other", assistant="never") if elsewhere else chat
    first = chat.post(alice.user, "Hello", "some-client-id")
    db.session.commit()
    assert other.post(alice.user, "Hello again", "some-client-id") is first
    assert first.content == "Hello"


def test_messages_without_a_client_id_are_all_kept(alice, chat):
    assert chat.post(alice.user, "Hello") is not chat.post(alice.user, "Hello")


def test_a_client_id_that_comes_twice_at_the_same_moment_makes_one_message(app, alice, chat):
    """In two chats too, whose locks do not exclude each other."""
    other = Chat.start(alice.user, "Other", assistant="never")
    db.session.commit()
    chats, author_id, made, start = (chat.id, other.id), alice.id, set(), threading.Barrier(4)

    def write(chat_id: int) -> None:
        with app.app_context():
            own, author = db.session.get(Chat, chat_id), db.session.get(User, author_id)
            start.wait()
            message = own.post(author, "Hello", "some-client-id")
            db.session.commit()
            made.add(message.id)

    threads = [threading.Thread(target=write, args=[chats[n % 2]]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert len(made) == db.session.scalar(select(func.count(Message.id))) == 1


def test_revisions_count_every_change_once_however_many_write_at_once(app, alice, chat):
    chat_id, author_id, before = chat.id, alice.id, chat.revision

    def write():
        with app.app_context():
            own, author = db.session.get(Chat, chat_id), db.session.get(User, author_id)
            for _ in range(5):
                own.post(author, "Hello")
                db.session.commit()

    threads = [threading.Thread(target=write) for _ in range(4)]
    with captured_broadcasts() as broadcasts:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    db.session.rollback()
    revisions = db.session.scalars(select(Message.revision).filter_by(chat_id=chat_id).order_by(Message.revision)).all()
    assert revisions == list(range(before + 1, before + 21))
    assert sorted(b.revision for b in broadcasts) == revisions


def test_the_assistant_is_asked_only_after_the_commit(alice):
    chat = Chat.start(alice.user, "Questions")
    chat.post(alice.user, "Hello")
    assert len(queue.replies) == 0
    db.session.commit()
    assert len(queue.replies) == 1


def test_a_rollback_asks_nobody(alice):
    chat = Chat.start(alice.user, "Questions")
    db.session.commit()
    chat.post(alice.user, "Hello")
    db.session.rollback()
    db.session.commit()
    assert len(queue.replies) == 0


# Reading


def test_a_page_holds_the_newest_oldest_first(alice, chat):
    made = [chat.post(alice.user, str(number)) for number in range(60)]
    db.session.commit()
    page, older = chat.page_of_messages()
    assert ([shown.html for shown in page], older) == ([message.to_html() for message in made[10:]], True)
    page, older = chat.page_of_messages(before=page[0].id)
    assert ([shown.id for shown in page], older) == ([message.id for message in made[:10]], False)
