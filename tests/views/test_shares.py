"""Answers that are shared by a link, with people who have no account."""

import io
import re

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.models import Attachment, Chat, Message, Share
from chatapp.models.attachment_limits import Limits
from tests.queries import messages_of
from tests.visitors import start_over


@pytest.fixture
def asked(alice, bob) -> Chat:
    """A chat of Alice, who manages it, and Bob, where answers may be shared."""
    chat = Chat.start(alice.user, "Secret plans", assistant="always", sharing="on")
    db.session.flush()
    chat.admit(bob.user)
    chat.post(alice.user, "@Bob wants to know: how much is **it**?")
    db.session.commit()
    return chat


@pytest.fixture
def reply(asked, provider, work) -> Message:
    provider.will("It is *four*.", "It is five.")
    work()
    start_over()
    return messages_of(asked)[-1]


@pytest.fixture
def link(bob, reply) -> str:
    """The path of Bob's link."""
    return shared(bob, reply)


def shared(visitor, reply) -> str:
    answer = visitor.submit(f"/messages/{reply.id}/shares")
    assert answer.status_code == 303
    return re.search(r'value="http://[^/]+(/shared/[^"]+)"', visitor.get(answer.location).text)[1]


def take_back(visitor):
    share = db.session.scalars(select(Share)).one()
    return visitor.submit(f"/shares/{share.id}", {"_method": "delete"})


def test_whoever_has_the_link_reads_question_and_answer_and_nothing_else(anonymous, link):
    page = anonymous.get(link).text
    assert "@somebody wants to know: how much is <strong>it</strong>?" in page and "It is <em>four</em>." in page
    for secret in ("Bob", "Alice", "Secret plans", "data-author-id", "data-mention-id", "/messages/", "/chats/"):
        assert secret not in page


def test_the_page_is_for_no_search_engine_and_no_cache_and_tells_its_address_to_nobody(anonymous, link):
    headers = anonymous.get(link).headers
    assert "noindex" in headers["X-Robots-Tag"] and headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_link_can_not_be_guessed(anonymous, link):
    assert len(link.partition("-")[2]) == 43
    for wrong in (
        link[:-1],
        f"{link}x",
        "/shared/1",
        "/shared/1-",
        "/shared/x-y",
        f"/shared/{'9' * 30}-a",
        "/shared/²-a",
    ):
        answer = anonymous.get(wrong)
        assert answer.status_code == 404, wrong
    assert "does not work" in answer.text


def test_a_copy_of_the_database_opens_no_link(link):
    share = db.session.scalars(select(Share)).one()
    assert share.nonce not in link and link.partition("-")[2] not in f"{vars(share)}"


def test_the_files_of_the_question_are_not_shown(anonymous, alice, asked, provider, work):
    file = Attachment.keep(alice.user, "budget.txt", io.BytesIO(b"x"), Limits(file=99, message=99, day=99, files=1))
    asked.post(alice.user, "", upload_ids=[file.id])
    db.session.commit()
    work()
    start_over()
    page = anonymous.get(shared(alice, messages_of(asked)[-1])).text
    assert "budget" not in page and "Files, which are not shown here." in page


def test_the_page_shows_both_as_they_are_now(alice, bob, anonymous, reply, link, work):
    alice.turbo("PATCH", f"/messages/{reply.question_id}", {"content": "How many?"})
    bob.turbo("POST", f"/messages/{reply.id}/versions")
    assert "It is being written." in anonymous.get(link).text
    work()
    page = anonymous.get(link).text
    assert "How many?" in page and "It is five." in page and "four" not in page


def test_it_is_off_until_a_manager_allows_it(alice, bob, charlie, reply, asked):
    chat = Chat.start(alice.user, "Other")
    assert chat.sharing == "off"
    asked.sharing = "off"
    db.session.commit()
    assert "data-sharing" not in bob.get(f"/chats/{asked.id}").text
    assert "can&#39;t be shared" in bob.get(f"/messages/{reply.id}/shares").text
    assert bob.submit(f"/messages/{reply.id}/shares").status_code == 403
    settings = {"_method": "patch", "title": "Plans", "sharing": "on"}
    bob.submit(f"/chats/{asked.id}", settings)
    assert asked.sharing == "off"
    alice.submit(f"/chats/{asked.id}", settings)
    assert asked.sharing == "on" and "data-sharing" in bob.get(f"/chats/{asked.id}").text
    assert bob.submit(f"/messages/{reply.id}/shares").status_code == 303


def test_when_it_is_forbidden_again_the_links_are_dead(anonymous, alice, asked, link):
    alice.submit(f"/chats/{asked.id}", {"_method": "patch", "title": "Plans", "sharing": "off"})
    assert anonymous.get(link).status_code == 404


def test_a_page_that_does_not_know_the_setting_leaves_it_alone(alice, asked):
    alice.submit(f"/chats/{asked.id}", {"_method": "patch", "title": "Plans", "kind": "closed", "assistant": "always"})
    assert asked.sharing == "on"


@pytest.mark.parametrize("which", ["reply", "question"])
def test_a_link_dies_with_its_answer_and_with_its_question(anonymous, reply, link, which):
    (reply if which == "reply" else reply.question).delete()
    db.session.commit()
    assert anonymous.get(link).status_code == 404


def test_a_link_dies_when_whoever_made_it_is_removed_or_closes_the_account(anonymous, alice, bob, asked, reply, link):
    other = shared(alice, reply)
    asked.dismiss(asked.membership_of(bob.user))
    db.session.commit()
    assert (anonymous.get(link).status_code, anonymous.get(other).status_code) == (404, 200)
    alice.user.deactivate()
    db.session.commit()
    assert anonymous.get(other).status_code == 404


def test_a_link_dies_with_its_chat(anonymous, asked, link):
    from chatapp.models.deletion import Deletion

    deletion = Deletion(asked)
    deletion.begin()
    db.session.commit()
    assert anonymous.get(link).status_code == 404
    for _ in deletion.steps():
        db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Share)) == 0


def test_in_an_archive_links_work_and_none_is_made(anonymous, bob, asked, reply, link):
    asked.archive()
    db.session.commit()
    assert anonymous.get(link).status_code == 200
    assert bob.submit(f"/messages/{reply.id}/shares").status_code == 409


def test_whoever_made_a_link_takes_it_back_and_another_one_has_another_address(anonymous, bob, reply, link):
    assert shared(bob, reply) == link  # made once
    assert take_back(bob).status_code == 303
    assert anonymous.get(link).status_code == 404
    assert shared(bob, reply) != link
    assert anonymous.get(link).status_code == 404


def test_managers_take_every_link_back_and_other_members_only_their_own(alice, bob, anonymous, person, asked, reply):
    link, erin = shared(alice, reply), person("Erin")
    asked.admit(erin.user)
    db.session.commit()
    assert take_back(erin).status_code == 403 and anonymous.get(link).status_code == 200
    assert take_back(alice).status_code == 303 and anonymous.get(link).status_code == 404
    link = shared(bob, reply)
    assert take_back(alice).status_code == 303 and anonymous.get(link).status_code == 404


def test_members_see_all_links_of_the_chat_with_who_made_them(alice, bob, asked, reply, link):
    page = alice.get(f"/chats/{asked.id}/shares").text
    assert "By <bdi>Bob</bdi>" in page and "/shares/" in page
    take_back(bob)
    assert "No answer of this chat is shared." in alice.get(f"/chats/{asked.id}/shares").text


def test_outsiders_and_who_was_removed_neither_make_nor_see_nor_take_back_links(
    charlie, bob, anonymous, asked, reply, link
):
    share = db.session.scalars(select(Share)).one()
    asked.dismiss(asked.membership_of(bob.user))
    db.session.commit()
    for visitor in (charlie, bob):
        for path in (f"/messages/{reply.id}/shares", f"/shares/{share.id}", f"/chats/{asked.id}/shares"):
            assert visitor.get(path).status_code == 404
        assert visitor.submit(f"/messages/{reply.id}/shares").status_code == 404
        assert take_back(visitor).status_code == 404


def test_where_only_managers_write_only_they_share(alice, bob, asked, reply):
    asked.writers = "managers"
    db.session.commit()
    assert bob.submit(f"/messages/{reply.id}/shares").status_code == 403
    assert alice.submit(f"/messages/{reply.id}/shares").status_code == 303


def test_only_an_answer_that_has_ended_is_shared(bob, asked, reply):
    assert bob.submit(f"/messages/{reply.question_id}/shares").status_code == 422
    bob.turbo("POST", f"/messages/{reply.id}/versions")
    assert bob.submit(f"/messages/{reply.id}/shares").status_code == 422
    assert "has ended" in bob.get(f"/messages/{reply.id}/shares").text


def test_nothing_is_shared_from_a_direct_chat(alice, bob, provider, work):
    chat = Chat.direct(alice.user, [bob.user])
    chat.sharing = chat.assistant = "on"
    question = Message(chat=chat, author=alice.user, content="How much?")
    db.session.add(question)
    db.session.add(reply := Message(chat=chat, author=alice.user, content="Four", question=question))
    db.session.commit()
    assert alice.submit(f"/messages/{reply.id}/shares").status_code == 403


def test_the_page_is_not_read_without_end(anonymous, link):
    codes = [anonymous.get(link).status_code for _ in range(61)]
    assert codes[0] == 200 and codes[-1] == 429
