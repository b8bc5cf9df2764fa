import threading

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.models import Block, Chat, Membership, Message, User
from chatapp.models.block import Blocked
from chatapp.models.chat_list import ChatList
from chatapp.models.departure import Departure
from chatapp.models.orphan import Orphan
from chatapp.models.reach import OutOfReach
from tests.visitors import Visitor, start_over


def members(chat) -> set[int]:
    return set(db.session.scalars(select(Membership.user_id).filter_by(chat_id=chat.id)))


def direct(user, *others) -> Chat:
    chat = Chat.direct(user.user, [other.user for other in others])
    db.session.commit()
    return chat


def say(visitor, chat, text: str = "Hello") -> None:
    chat.post(visitor.user, text)
    db.session.commit()


def titles(visitor) -> list[str]:
    return [line.chat.title_for(visitor.user) for line in ChatList(visitor.user).lines]


def test_whoever_picks_the_same_people_gets_the_same_chat(alice, bob, charlie):
    chat = direct(alice, bob)
    assert direct(bob, alice) is chat
    assert direct(alice, bob, bob, alice) is chat
    assert direct(alice, bob, charlie) is not chat


def test_it_is_named_by_its_people_without_the_reader(alice, bob, charlie):
    chat = direct(charlie, alice, bob)
    assert chat.title_for(alice.user) == "Bob, Charlie"
    assert chat.display_title == "Alice, Bob, Charlie"


def test_others_see_it_with_the_first_message(alice, bob):
    chat = direct(alice, bob)
    assert (titles(alice), titles(bob)) == (["Bob"], [])
    say(alice, chat)
    assert (titles(alice), titles(bob)) == (["Bob"], ["Alice"])
    assert ChatList(bob.user).lines[0].unread.count == 1


def test_unread_direct_chats_stand_above_everything_newer(alice, bob, chat):
    say(alice, direct(alice, bob))
    say(alice, chat)
    assert titles(bob) == ["Alice", "Plans"]
    assert titles(alice) == ["Plans", "Bob"]


def test_the_head_says_who_is_in_it_and_other_heads_stay_as_they_are(alice, bob, chat):
    heads = Chat.read_heads([chat, direct(alice, bob)])
    assert "people" not in repr(heads[0])
    assert heads[1].people == ((alice.id, "Alice"), (bob.id, "Bob"))


def test_nobody_manages_it_and_no_administrator_is_asked_to_give_it_away(alice, bob, admin):
    chat = direct(alice, bob, admin)
    assert not any(person.user.can_manage(chat) or person.user.can_change(chat) for person in (alice, bob, admin))
    assert not Orphan.exist()


def test_the_assistant_answers_where_it_is_mentioned(alice, bob):
    assert direct(alice, bob).assistant == "mentioned"


# Leaving


def test_a_chat_of_two_comes_back_with_the_next_message(alice, bob):
    chat = direct(alice, bob)
    say(alice, chat)
    assert Departure(chat, bob.user).leave()
    db.session.commit()
    assert titles(bob) == []
    say(alice, chat, "Still there?")
    assert titles(bob) == ["Alice"]


def test_both_may_leave_and_find_all_of_it_again(alice, bob):
    chat = direct(alice, bob)
    say(alice, chat)
    for person in (alice, bob):
        assert Departure(chat, person.user).leave()
        db.session.commit()
    assert members(chat) == set()
    assert direct(bob, alice) is chat
    assert (titles(alice), titles(bob)) == ([], ["Alice"])


def test_whoever_leaves_a_larger_one_comes_back_only_when_somebody_begins_it_again(alice, bob, charlie):
    chat = direct(alice, bob, charlie)
    say(alice, chat)
    Departure(chat, bob.user).leave()
    db.session.commit()
    say(alice, chat, "Bob is gone")
    assert members(chat) == {alice.id, charlie.id}
    with pytest.raises(OutOfReach):
        chat.post(bob.user, "I am not here")
    db.session.rollback()
    direct(charlie, alice, bob)
    assert members(chat) == {alice.id, bob.id, charlie.id}


# Blocking


def test_a_block_stops_direct_messages_both_ways_and_nothing_else(alice, bob, chat):
    own = direct(bob, alice)
    say(bob, own)
    Block.begin(alice.user, bob.user)
    db.session.commit()
    with pytest.raises(Blocked, match="Alice does not take direct messages from you"):
        own.post(bob.user, "Hey")
    with pytest.raises(Blocked, match="You have blocked Bob"):
        own.post(alice.user, "Hey")
    db.session.rollback()
    say(bob, chat)
    Block.end(alice.user, bob.user)
    say(bob, own)


def test_an_edit_says_nothing_that_a_message_may_not(alice, bob):
    own = direct(bob, alice)
    message = own.post(bob.user, "Hello")
    Block.begin(alice.user, bob.user)
    db.session.commit()
    with pytest.raises(Blocked):
        message.edit("Something else")


def test_nobody_is_pulled_into_a_larger_chat_by_a_person_whom_he_has_blocked(alice, bob, charlie):
    Block.begin(alice.user, bob.user)
    Block.begin(alice.user, bob.user)
    db.session.commit()
    with pytest.raises(Blocked, match="Alice does not take"):
        Chat.direct(bob.user, [alice.user, charlie.user])


def test_nobody_is_pulled_in_by_the_first_message_of_a_larger_chat_that_was_begun_before_the_block(alice, bob, charlie):
    chat = direct(bob, alice, charlie)
    Block.begin(alice.user, bob.user)
    db.session.commit()
    with pytest.raises(Blocked, match="Alice does not take direct messages from you"):
        chat.post(bob.user, "Hello")
    db.session.rollback()
    assert members(chat) == {bob.id}


def test_a_larger_chat_in_which_both_are_already_goes_on(alice, bob, charlie):
    chat = direct(bob, alice, charlie)
    say(bob, chat)
    Block.begin(alice.user, bob.user)
    db.session.commit()
    say(bob, chat, "To both of you")
    contents = select(Message.content).where(Message.chat_id == chat.id).order_by(Message.id)
    assert db.session.scalars(contents).all() == ["Hello", "To both of you"]


def test_a_block_holds_between_two_people_beside_an_assistant(alice, bob):
    chat = Chat.direct(bob.user, [alice.user, User.assistant()])
    message = chat.post(bob.user, "Hello")
    Block.begin(alice.user, bob.user)
    db.session.commit()
    with pytest.raises(Blocked, match="Alice does not take direct messages from you"):
        chat.post(bob.user, "Hey")
    with pytest.raises(Blocked, match="You have blocked Bob"):
        chat.post(alice.user, "Hey")
    with pytest.raises(Blocked):
        message.edit("Something else")


# At the same moment


def test_of_those_who_begin_it_at_the_same_moment_all_get_the_same_chat(app, alice, bob):
    together, found = threading.Barrier(6), []

    def run(visitor, other_id: int) -> None:
        together.wait()
        found.append(visitor.submit("/directs", {"user_ids": other_id}).location)

    pairs = [(one.user, other.id) for one, other in ((alice, bob), (bob, alice)) for _ in range(3)]
    browsers = [(Visitor(app, user), other_id) for user, other_id in pairs]
    assert all(visitor.token for visitor, _ in browsers)
    threads = [threading.Thread(target=run, args=pair) for pair in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    start_over()
    assert len(found) == 6 and len(set(found)) == 1 and found[0].startswith("/chats/")
    assert db.session.scalar(select(func.count(Chat.id))) == 1
