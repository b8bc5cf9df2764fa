"""Whom the text of a message mentions."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, ListedChat, Mention, Message, User
from chatapp.models.mentioning import SMALL
from chatapp.turbo.testing import captured_broadcasts
from tests.queries import statements


def say(chat, author, content: str) -> Message:
    message = chat.post(author, content)
    db.session.commit()
    return message


def edit(message: Message, content: str) -> None:
    message.edit(content)
    db.session.commit()


def mentioned(message: Message) -> list[int]:
    return sorted(db.session.scalars(select(Mention.user_id).filter_by(message_id=message.id)))


def newest(visitor, chat) -> int:
    return db.session.scalar(select(ListedChat.mentioned_id).filter_by(user_id=visitor.id, chat_id=chat.id))


def member(chat, person, name: str, **attributes) -> User:
    user = person(name, **attributes).user
    chat.admit(user)
    db.session.commit()
    return user


@pytest.fixture
def namesake(person, chat):
    """A second Bob in the chat."""
    user = person("Robert").user
    user.name = "Bob"
    chat.admit(user)
    db.session.commit()
    return user


def test_a_member_whose_name_stands_behind_an_at_is_mentioned(alice, bob, chat):
    message = say(chat, alice.user, "Hi @bob, are you there?")
    assert mentioned(message) == [bob.id] and message.content == "Hi @bob, are you there?"
    assert f'<bdi class="mention" data-mention-id="{bob.id}">@Bob</bdi>, are' in message.to_html()


@pytest.mark.parametrize("text", ["@Charlie", "@Bobby", "`@Bob`", "bob@Bob.example", "Bob", "@ Bob", r"\@Bob", "@"])
def test_anybody_else_stays_text(alice, bob, charlie, chat, text):
    assert mentioned(say(chat, alice.user, text)) == []


def test_letters_beyond_ascii_are_found_as_they_are_written(alice, chat, person):
    zoe = person("Zoe").user
    zoe.name = "Zoë Ölmez"
    chat.admit(zoe)
    db.session.commit()
    assert mentioned(say(chat, alice.user, "@Zoë Ölmez?")) == [zoe.id]


def test_the_longest_name_is_meant(alice, bob, chat, person):
    lee = member(chat, person, "Bob Lee")
    assert mentioned(say(chat, alice.user, "@Bob Lee")) == [lee.id]
    assert mentioned(say(chat, alice.user, "@Bob leeward")) == [bob.id]
    assert mentioned(say(chat, alice.user, "@Bob and @Bob Lee")) == [bob.id, lee.id]


def test_of_two_people_with_one_name_the_id_says_who_is_meant(alice, bob, chat, namesake):
    assert mentioned(say(chat, alice.user, "@Bob")) == []
    assert mentioned(say(chat, alice.user, f"@Bob#{namesake.id}")) == [namesake.id]
    assert mentioned(say(chat, alice.user, f"@Bob#{alice.id}")) == []
    message = say(chat, alice.user, f"@Bob, @bob#{bob.id} and @Bob#{namesake.id}")
    assert mentioned(message) == sorted([bob.id, namesake.id])
    assert message.to_html().count('class="mention"') == 2


def test_a_new_name_is_shown_and_the_old_one_still_means_the_person(alice, bob, chat, namesake):
    message = say(chat, alice.user, f"Hi @Bob#{bob.id}")
    bob.user.rename("Robert")
    db.session.commit()
    db.session.refresh(message)
    assert f'data-mention-id="{bob.id}">@Robert</bdi>' in message.to_html()
    edit(message, f"Hello @Bob#{bob.id}")
    assert mentioned(message) == [bob.id]
    edit(message, "Hello @Robert")
    assert mentioned(message) == [bob.id]
    assert mentioned(say(chat, alice.user, "@Bob")) == [namesake.id]


def test_an_edit_adds_and_takes_away(alice, bob, chat, person):
    dora = member(chat, person, "Dora")
    message = say(chat, alice.user, "Hi @Bob")
    edit(message, "Hi @Dora")
    assert mentioned(message) == [dora.id] and "@Bob" not in message.to_html()
    edit(message, "Hi")
    assert mentioned(message) == [] and "mention" not in message.to_html().replace("mentionables", "")


def test_a_deletion_takes_all_mentions_away(alice, bob, chat):
    first, second = say(chat, alice.user, "@Bob"), say(chat, alice.user, "@Bob @all")
    assert newest(bob, chat) == second.id
    second.delete()
    db.session.commit()
    assert (mentioned(second), second.mentions_all, newest(bob, chat)) == ([], False, first.id)
    db.session.delete(first)
    db.session.commit()
    assert (db.session.scalars(select(Mention)).all(), newest(bob, chat)) == ([], 0)


def test_one_person_is_mentioned_once_in_a_message(alice, bob, chat):
    assert mentioned(say(chat, alice.user, "@Bob @bob @BOB")) == [bob.id]


def test_whoever_has_left_is_not_mentioned_any_more(alice, bob, chat):
    chat.dismiss(chat.membership_of(bob.user))
    db.session.commit()
    assert mentioned(say(chat, alice.user, "@Bob")) == []


def test_a_message_without_an_at_asks_for_nothing(alice, chat):
    with statements() as seen:
        say(chat, alice.user, "Hello")
    reads = [sql for sql, _ in seen if "mentions" in sql and "FROM mentions" in sql]
    assert reads == []


# Everybody


def crowd(chat, person, size: int) -> None:
    for number in range(chat.members_count, size):
        chat.admit(person(f"P{number}").user)
    db.session.commit()


def test_in_a_small_chat_anybody_may_mention_all(bob, chat, person):
    crowd(chat, person, SMALL)
    message = say(chat, bob.user, "Hello @All!")
    assert message.mentions_all and mentioned(message) == []
    assert '<bdi class="mention" data-mention-id="all">@all</bdi>!' in message.to_html()


def test_in_a_larger_one_its_managers_may(alice, bob, chat, person):
    crowd(chat, person, SMALL + 1)
    assert not say(chat, bob.user, "@all").mentions_all
    assert say(chat, alice.user, "@all").mentions_all


def test_what_was_said_to_all_stays_so_when_the_chat_grows(bob, chat, person):
    message = say(chat, bob.user, "@all")
    crowd(chat, person, SMALL + 1)
    edit(message, "@all, again")
    assert message.mentions_all
    edit(message, "again")
    edit(message, "@all")
    assert not message.mentions_all


def test_a_person_called_all_is_mentioned_by_name_and_id(alice, chat, person):
    user = member(chat, person, "All")
    message = say(chat, alice.user, "@all")
    assert message.mentions_all and mentioned(message) == []
    message = say(chat, alice.user, f"@All#{user.id}")
    assert not message.mentions_all and mentioned(message) == [user.id]


def test_to_mention_all_costs_the_same_in_any_chat(alice, chat, person):
    counts = []
    for size in (3, 8):
        crowd(chat, person, size)
        with statements() as seen, captured_broadcasts() as broadcasts:
            say(chat, alice.user, "@all")
        counts.append(len(seen))
        assert [told.stream for told in broadcasts] == [chat.stream_name]
    assert counts[0] == counts[1]


# The assistant


def test_the_assistant_is_mentioned_where_it_answers(alice):
    for setting, expected in (("always", 1), ("mentioned", 1), ("never", 0)):
        chat = Chat.start(alice.user, "Questions", assistant=setting)
        db.session.flush()
        assert len(mentioned(say(chat, alice.user, "@assistant, hello"))) == expected


@pytest.mark.parametrize("text", ["`@assistant`", "me@assistant.example", "@assistants", "assistant", "@Alice", "@all"])
def test_it_does_not_answer_what_is_no_mention(alice, text):
    chat = Chat.start(alice.user, "Questions", assistant="mentioned")
    db.session.flush()
    assert say(chat, alice.user, text).reply is None


def test_it_answers_what_mentions_it(alice):
    chat = Chat.start(alice.user, "Questions", assistant="mentioned")
    db.session.flush()
    assert say(chat, alice.user, "@Alice asks: @Assistant, are you there?").reply.generating


def test_the_assistant_itself_mentions_nobody(alice, bob, chat):
    assert mentioned(say(chat, User.assistant(), "@Bob @all")) == []


# What the lists of those mentioned are told


def test_a_mention_tells_the_list_of_the_one_whom_it_means(alice, bob, chat, person):
    member(chat, person, "Dora")
    with captured_broadcasts() as broadcasts:
        message = say(chat, alice.user, "@Bob @Alice")
    told = {broadcast.stream: broadcast.html for broadcast in broadcasts}
    assert set(told) == {chat.stream_name, f"user:{bob.id}"}
    assert f'data-mentioned-id="{message.id}"' in told[f"user:{bob.id}"]


def test_the_mark_names_the_newest_mention(alice, bob, chat):
    first, second = say(chat, alice.user, "@Bob"), say(chat, alice.user, "Hello")
    assert newest(bob, chat) == first.id
    edit(second, "@Bob")
    assert newest(bob, chat) == second.id
    edit(second, "nobody")
    assert newest(bob, chat) == first.id
    edit(first, "nobody")
    assert newest(bob, chat) == 0


def test_also_an_older_mention_that_goes_tells_the_list(alice, bob, chat):
    first = say(chat, alice.user, "@Bob")
    say(chat, alice.user, "@Bob")
    with captured_broadcasts(f"user:{bob.id}") as broadcasts:
        edit(first, "nobody")
    assert len(broadcasts) == 1


def test_a_membership_of_the_previous_release_gets_its_mark(alice, bob, chat):
    db.session.execute(db.delete(ListedChat))
    db.session.commit()
    message = say(chat, alice.user, "@Bob")
    assert newest(bob, chat) == message.id


# Replies


def reply(chat, author, quoted: Message, content: str) -> Message:
    message = chat.post(author, content, quoted=quoted)
    db.session.commit()
    return message


def test_a_reply_means_the_author_of_what_it_quotes(alice, bob, chat):
    message = reply(chat, alice.user, say(chat, bob.user, "Who comes?"), "I do")
    assert mentioned(message) == [bob.id] and newest(bob, chat) == message.id
    assert message.mentioned == []  # the text names nobody
    edit(message, "I do, and @Bob comes too")
    assert mentioned(message) == [bob.id] and [mention.key for mention in message.mentioned] == [str(bob.id)]
    edit(message, "I do after all")
    assert mentioned(message) == [bob.id] and newest(bob, chat) == message.id
    message.delete()
    db.session.commit()
    assert mentioned(message) == [] and newest(bob, chat) == 0


def test_a_reply_to_oneself_or_to_somebody_who_has_left_means_nobody(alice, bob, chat):
    own, his = say(chat, alice.user, "First"), say(chat, bob.user, "Second")
    assert mentioned(reply(chat, alice.user, own, "And third")) == []
    chat.dismiss(chat.membership_of(bob.user))
    db.session.commit()
    assert mentioned(reply(chat, alice.user, his, "Where is he?")) == []
