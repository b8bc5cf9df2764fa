"""Which assistants answer a message."""

import pytest

from chatapp.extensions import db
from chatapp.models import Assistant, Chat, Membership, Message, User


@pytest.fixture
def coder(app) -> User:
    return Assistant.add("Coder", model="coder-1").user


@pytest.fixture
def writer(app) -> User:
    return Assistant.add("Writer", model="writer-1").user


@pytest.fixture
def chat(alice, bob) -> Chat:
    chat = Chat.start(alice.user, "Plans", assistant="mentioned")
    db.session.flush()
    chat.admit(bob.user)
    return chat


def answering(chat, author, content, **options) -> list[str]:
    message = chat.post(author, content, **options)
    db.session.flush()
    return [reply.author.name for reply in message.replies]


def test_without_another_one_the_built_in_one_answers(chat, alice):
    assert answering(chat, alice.user, "@assistant hello") == ["Assistant"]
    assert answering(chat, alice.user, "hello") == []


def test_a_chat_with_assistants_of_its_own_asks_these(chat, alice, coder, writer):
    chat.admit(coder)
    chat.admit(writer)
    assert answering(chat, alice.user, "@Coder and @writer, who is right?") == ["Coder", "Writer"]
    assert answering(chat, alice.user, "@Writer @writer @Writer") == ["Writer"]
    assert answering(chat, alice.user, "@assistant hello") == []
    assert answering(chat, alice.user, "hello") == []


def test_only_those_in_the_chat_can_be_mentioned(chat, alice, coder, writer):
    chat.admit(coder)
    assert answering(chat, alice.user, "@Writer hello") == []
    chat.dismiss(chat.membership_of(coder))
    db.session.flush()
    assert answering(chat, alice.user, "@Coder hello") == []
    assert answering(chat, alice.user, "@assistant hello") == ["Assistant"]


def test_the_built_in_one_can_be_one_of_several(chat, alice, coder):
    chat.admit(coder)
    chat.admit(User.assistant())
    assert answering(chat, alice.user, "@Coder @Assistant hello") == ["Coder", "Assistant"]


def test_always_means_the_first_one_and_those_that_are_mentioned_instead(chat, alice, coder, writer):
    chat.assistant = "always"
    assert answering(chat, alice.user, "hello") == ["Assistant"]
    chat.admit(coder)
    chat.admit(writer)
    assert answering(chat, alice.user, "hello") == ["Coder"]
    assert answering(chat, alice.user, "@Writer hello") == ["Writer"]
    assert answering(chat, alice.user, "@Bob hello") == ["Coder"]


def test_never_means_that_nobody_can_be_asked(chat, alice, coder):
    chat.admit(coder)
    chat.assistant = "never"
    assert answering(chat, alice.user, "@Coder hello") == []


def test_to_reply_to_an_assistant_mentions_it(chat, alice, bob, coder, writer):
    chat.admit(coder)
    chat.admit(writer)
    question = chat.post(alice.user, "@Coder hello")
    db.session.flush()
    reply = question.reply
    assert answering(chat, bob.user, "Really?", quoted=reply) == ["Coder"]
    chat.dismiss(chat.membership_of(coder))
    db.session.flush()
    assert answering(chat, bob.user, "Really?", quoted=reply) == []


def test_an_assistant_s_message_asks_nobody(chat, coder, writer):
    chat.admit(coder)
    chat.admit(writer)
    chat.assistant = "always"
    assert answering(chat, coder, "@Writer, what do you think?") == []


def test_one_that_is_retired_answers_nobody(chat, alice, coder):
    chat.admit(coder)
    db.session.get(Assistant, coder.id).retire()
    assert answering(chat, alice.user, "@Coder hello") == []
    assert answering(chat, alice.user, "@assistant hello") == ["Assistant"]


def test_a_direct_chat_with_an_assistant_is_with_nobody_else(alice, bob, coder):
    direct = Chat.direct(alice.user, [coder])
    assert answering(direct, alice.user, "hello") == ["Coder"]
    assert direct.membership_of(coder)
    db.session.get(Assistant, coder.id).retire()
    assert answering(direct, alice.user, "hello") == []
    several = Chat.direct(alice.user, [bob.user, coder])
    assert answering(several, alice.user, "hello") == []


def test_an_assistant_is_no_company(alice, bob, coder):
    chat = Chat.start(alice.user, "Plans")
    db.session.flush()
    chat.admit(coder)
    assert chat.offer == "none" and chat.members_count == 2
    chat.admit(bob.user)
    assert chat.offer == "open"


def test_it_can_not_manage_a_chat(chat, coder):
    chat.admit(coder)
    db.session.flush()
    assert coder.id not in {membership.user_id for membership in chat.memberships if membership.manager}
    assert not db.session.query(Membership).filter(Membership.user_id == coder.id, Membership.is_active()).all()


def test_a_question_is_deleted_with_all_answers_that_have_not_begun(chat, alice, coder, writer):
    chat.admit(coder)
    chat.admit(writer)
    question = chat.post(alice.user, "@Coder @Writer hello")
    db.session.flush()
    first, second = question.replies
    first.lease()
    question.delete()
    db.session.commit()
    assert (first.deleted_at, bool(second.deleted_at)) == (None, True)


def test_a_renamed_assistant_is_mentioned_by_its_new_name(chat, alice, coder):
    chat.admit(coder)
    coder.rename("Programmer")
    assert answering(chat, alice.user, "@Programmer hello") == ["Programmer"]
    assert answering(chat, alice.user, "@Coder hello") == []
    message: Message = chat.post(alice.user, f"@Programmer#{coder.id} hello")
    db.session.flush()
    assert message.reply.author == coder


def test_a_reply_to_the_built_in_one_mentions_it_although_it_is_no_member(chat, alice, bob, coder):
    question = chat.post(alice.user, "@assistant hello")
    db.session.flush()
    assert answering(chat, bob.user, "Really?", quoted=question.reply) == ["Assistant"]
    chat.admit(coder)
    assert answering(chat, bob.user, "Really?", quoted=question.reply) == []
