"""The verbs of reactions, and what they leave as it is."""

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.models import Chat, Message, Reaction
from chatapp.models.mixins.reactable import ALL, DIFFERENT, EACH, NAMED, USUAL, Pill, TooManyReactions
from chatapp.models.reach import Archived
from chatapp.turbo.testing import captured_broadcasts

MANY = list("😀😃😄😁😆😅🤣😂🙂🙃🫠😉😊😇🥰😍🤩😘😗😚😙")


def react(message: Message, visitor, *emoji: str) -> None:
    for one in emoji:
        message.react(visitor.user, one)
        db.session.commit()


def shown(message: Message) -> list[tuple[str, str]]:
    return [(pill.emoji, pill.names) for pill in message.pills]


def test_a_reaction_shows_who_chose_it(alice, bob, message):
    react(message, bob, "👍")
    react(message, alice, "🎉", "👍")
    assert shown(message) == [("👍", "Bob and Alice"), ("🎉", "Alice")]


def test_to_react_again_is_harmless(bob, message):
    react(message, bob, "👍")
    revision = message.revision
    react(message, bob, "👍")
    assert db.session.scalar(select(func.count(Reaction.id))) == 1 and message.revision == revision


def test_one_takes_back_only_what_is_one_s_own(alice, bob, message):
    react(message, alice, "👍")
    react(message, bob, "👍")
    message.withdraw(bob.user, "👍")
    message.withdraw(bob.user, "🎉")
    db.session.commit()
    assert shown(message) == [("👍", "Alice")]
    message.withdraw(bob.user, "👍")
    db.session.commit()
    assert shown(message) == [("👍", "Alice")]


def test_reactions_stand_in_the_order_in_which_they_came(alice, bob, message):
    react(message, alice, "🎉", "👍")
    react(message, bob, "👍", "👀", "🎉")
    db.session.expire_all()
    assert [pill.emoji for pill in message.pills] == ["🎉", "👍", "👀"]


def test_a_reaction_is_announced_as_a_change_of_its_message(bob, chat, message):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        react(message, bob, "👍")
        message.withdraw(bob.user, "👍")
        db.session.commit()
    assert len(broadcasts) == 2
    assert all(f'action="replace" target="message_{message.id}"' in broadcast.html for broadcast in broadcasts)
    assert f'data-user-ids="{bob.id}"' in broadcasts[0].html and "data-user-ids" not in broadcasts[1].html


def test_a_reaction_neither_edits_its_message_nor_changes_the_lists_of_chats(bob, chat, message):
    head = chat.head_revision, chat.head_digest
    with captured_broadcasts(chat.stream_name) as broadcasts:
        react(message, bob, "👍")
    db.session.refresh(chat)
    assert len(broadcasts) == 1 and message.edited_at is None
    assert (chat.head_revision, chat.head_digest) == head and chat.new_head is None


def test_what_another_process_has_added_meanwhile_stays(app, alice, bob, message):
    react(message, alice, "👍")
    assert len(message.reactions) == 1
    with db.engine.begin() as other:
        row = {"message_id": message.id, "user_id": bob.id, "emoji": "👍", "created_at": message.created_at}
        other.execute(Reaction.__table__.insert(), row)
    react(message, alice, "🎉")
    assert shown(message) == [("👍", "Alice and Bob"), ("🎉", "Alice")]
    assert f'data-user-ids="{alice.id} {bob.id}"' in message.to_html()


def test_a_deleted_message_loses_its_reactions(alice, bob, message):
    react(message, bob, "👍")
    message.delete()
    db.session.commit()
    react(message, bob, "🎉")
    assert db.session.scalar(select(func.count(Reaction.id))) == 0


def test_whoever_deletes_the_record_itself_deletes_its_reactions_too(bob, chat, message):
    react(message, bob, "👍", "🎉")
    with captured_broadcasts(chat.stream_name) as broadcasts:
        db.session.delete(message)
        db.session.commit()
    assert [f'action="remove" target="message_{message.id}"' in one.html for one in broadcasts] == [True]
    assert db.session.scalar(select(func.count(Reaction.id))) == 0


def test_an_archived_chat_takes_no_reactions_and_gives_none_back(bob, chat, message):
    react(message, bob, "👍")
    chat.archive()
    db.session.commit()
    for verb in (message.react, message.withdraw):
        with pytest.raises(Archived):
            verb(bob.user, "👍")
    assert shown(message) == [("👍", "Bob")]


def test_one_person_can_choose_some_emoji_and_not_all(bob, message):
    react(message, bob, *MANY[:EACH])
    with pytest.raises(TooManyReactions, match="Take one back"):
        message.react(bob.user, MANY[EACH])
    message.react(bob.user, MANY[0])
    message.withdraw(bob.user, MANY[0])
    message.react(bob.user, MANY[EACH])
    db.session.commit()
    assert len(message.reactions) == EACH


def test_a_message_shows_some_different_emoji_and_not_all(person, chat, message, bob):
    people = [person(f"Person{n}") for n in range(-(-DIFFERENT // EACH))]
    for number, one in enumerate(people):
        react(message, one, *MANY[number * EACH : (number + 1) * EACH][: DIFFERENT - number * EACH])
    assert len(message.pills) == DIFFERENT
    with pytest.raises(TooManyReactions, match="different emoji"):
        message.react(bob.user, MANY[DIFFERENT])
    react(message, bob, MANY[0])
    assert message.pills[0].count == 2


def test_a_message_has_an_end_of_all_reactions(monkeypatch, alice, bob, message):
    monkeypatch.setattr("chatapp.models.mixins.reactable.ALL", 2)
    react(message, alice, "👍", "🎉")
    with pytest.raises(TooManyReactions, match="2 reactions, and takes no more"):
        message.react(bob.user, "👍")
    assert ALL == 1_000


@pytest.mark.parametrize(
    ("count", "names"),
    [
        (1, "P0"),
        (2, "P0 and P1"),
        (3, "P0, P1 and P2"),
        (NAMED, "P0, P1, P2, P3, P4, P5, P6 and P7"),
        (NAMED + 5, "P0, P1, P2, P3, P4, P5, P6, P7 and 5 more"),
    ],
)
def test_the_first_people_are_named_and_the_others_counted(person, count, names):
    assert Pill("👍", [person(f"P{n}").user for n in range(count)]).names == names


def test_a_pill_has_a_name_in_words_and_one_for_its_element(alice):
    heart = Pill("❤️", [alice.user])
    assert (heart.name, heart.key) == ("red heart", "2764-fe0f")
    unknown = Pill("🫩", [alice.user])  # of a newer release
    assert (unknown.name, unknown.count) == ("🫩", 1)


def test_the_usual_emoji_are_in_the_list(app):
    from chatapp.extensions import emoji_list

    assert [emoji_list.find(emoji).sign for emoji in USUAL] == list(USUAL) and len(USUAL) == 6


def test_a_page_of_messages_asks_once_for_all_reactions(alice, bob, chat):
    from tests.queries import statements

    def asked() -> int:
        db.session.expire_all()
        with statements() as seen:
            db.session.get(Chat, chat.id).render_messages()
        return len(seen)

    messages = [chat.post(alice.user, f"Number {n}") for n in range(3)]
    db.session.commit()
    react(messages[0], bob, "👍")
    few = asked()
    for message in messages:
        react(message, bob, "🎉")
        react(message, alice, "👍", "🎉")
    assert asked() == few


def test_a_message_remembered_with_its_reactions_is_rendered_anew_without_them(bob, message):
    react(message, bob, "👍")
    assert "reaction" in message.to_html()
    for reaction in db.session.scalars(select(Reaction)):
        db.session.delete(reaction)
    db.session.commit()
    assert 'class="reaction"' not in message.to_html()
