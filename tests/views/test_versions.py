"""The versions of an answer: another one, which one people see, and what is asked when the question changes."""

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db, queue
from chatapp.models import Chat, Message, ReplyVersion
from chatapp.models.mixins.versioned import VERSIONS
from chatapp.turbo.testing import captured_broadcasts
from tests.provider import Cut, Failure, Limited
from tests.queries import messages_of
from tests.visitors import start_over


@pytest.fixture
def asked(alice, bob) -> Chat:
    """A chat of Alice and Bob with a question in it."""
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.flush()
    chat.admit(bob.user)
    chat.post(alice.user, "Tell me a story")
    db.session.commit()
    return chat


@pytest.fixture
def reply(asked, provider, work) -> Message:
    provider.will("Once upon a time.", "A king lived there.", "A queen lived there.", "Nobody lived there.")
    work()
    return last(asked)


@pytest.fixture
def renewed(bob, reply, work) -> Message:
    """One that was written a second time."""
    return again(bob, reply, work)


def last(chat) -> Message:
    start_over()
    return messages_of(chat)[-1]


def again(visitor, reply, work) -> Message:
    assert visitor.turbo("POST", f"/messages/{reply.id}/versions").status_code == 201
    work()
    return last(reply.chat)


def choose(visitor, reply, number) -> Message:
    assert visitor.turbo("POST", f"/messages/{reply.id}/versions/{number}").status_code == 200
    return last(reply.chat)


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(ReplyVersion))


def main(page: str) -> str:
    return page.split("<main")[1].split("</main>")[0]


def page(visitor, chat) -> str:
    return visitor.get(f"/chats/{chat.id}").text


def test_another_version_takes_the_place_of_the_first_one_which_is_kept(bob, asked, reply, renewed):
    assert (renewed.id, renewed.content, renewed.version_words) == (reply.id, "A king lived there.", "2 of 2")
    html = page(bob, asked)
    assert "2 of 2" in html and f'href="/messages/{reply.id}/versions/1" data-turbo-method="post"' in html
    assert "Once upon a time." in bob.get(f"/messages/{reply.id}/versions/1").text


def test_a_message_with_one_version_is_not_a_byte_longer(bob, asked, reply):
    assert "version" not in page(bob, asked).split(f'<article id="message_{reply.id}"')[1].split("</article>")[0]


def test_an_earlier_version_is_shown_to_everybody(alice, bob, asked, renewed):
    with captured_broadcasts(asked.stream_name) as broadcasts:
        chosen = choose(bob, renewed, 1)
    assert (chosen.content, chosen.version_words) == ("Once upon a time.", "1 of 2")
    assert "Once upon a time." in broadcasts[0].html and "1 of 2" in broadcasts[0].html
    assert "Once upon a time." in page(alice, asked) and "A king" not in page(alice, asked)
    assert choose(alice, chosen, 2).content == "A king lived there."


def test_the_model_is_told_the_version_that_people_see(alice, bob, asked, renewed, provider, work):
    choose(bob, renewed, 1)
    alice.send(asked, "And then?")
    work()
    assert {"role": "assistant", "content": "Once upon a time."} in provider.requests[-1]["messages"]
    assert "A king" not in f"{provider.requests[-1]['messages']}"


def test_the_model_is_not_told_an_earlier_version_when_it_writes_another(renewed, provider):
    assert [turn["content"] for turn in provider.requests[1]["messages"][1:]] == ["Tell me a story"]


def test_search_and_lists_know_the_version_that_people_see(bob, asked, renewed):
    choose(bob, renewed, 1)
    assert f'href="/messages/{renewed.id}"' in bob.get("/search?q=upon").text
    assert f'href="/messages/{renewed.id}"' not in bob.get("/search?q=king").text
    assert "Once upon a time." in bob.get("/").text


def test_what_follows_from_an_earlier_version_is_the_newest(bob, renewed, work):
    choose(bob, renewed, 1)
    third = again(bob, renewed, work)
    assert (third.content, third.version_words, kept()) == ("A queen lived there.", "3 of 3", 2)


def test_the_oldest_version_goes_when_there_are_too_many(bob, reply, work):
    for _ in range(VERSIONS):
        reply = again(bob, reply, work)
    assert (reply.version_words, kept()) == (f"{VERSIONS} of {VERSIONS}", VERSIONS - 1)
    assert bob.get(f"/messages/{reply.id}/versions/1").status_code == 404
    assert "the oldest one goes" in bob.get(f"/messages/{reply.id}/versions").text
    assert choose(bob, reply, 1).version_words == f"{VERSIONS} of {VERSIONS}"  # harmless
    assert choose(bob, reply, 2).version_words == f"1 of {VERSIONS}"


def test_two_people_who_ask_at_the_same_moment_get_one_version(alice, bob, reply, work):
    for visitor in (alice, bob):
        assert visitor.turbo("POST", f"/messages/{reply.id}/versions").status_code == 201
    assert len(queue.replies) == 1
    work()
    assert last(reply.chat).version_words == "2 of 2"


def test_while_one_is_written_no_other_is_chosen(bob, asked, reply):
    bob.turbo("POST", f"/messages/{reply.id}/versions")
    writing = choose(bob, reply, 1)
    assert (writing.state, writing.content, writing.version) == ("generating", "", 2)
    assert "versions__step" not in page(bob, asked)


def test_stopping_another_version_leaves_the_first_one_to_go_back_to(bob, reply, work):
    bob.turbo("POST", f"/messages/{reply.id}/versions")
    bob.turbo("POST", f"/messages/{reply.id}/stops")
    work()
    assert (last(reply.chat).state, last(reply.chat).version_words) == ("stopped", "2 of 2")
    back = choose(bob, reply, 1)
    assert (back.state, back.content) == ("complete", "Once upon a time.")


def test_a_version_that_failed_without_a_word_is_written_again_in_its_place(bob, reply, provider, work):
    provider.will(Failure(401), "Now then.")
    assert again(bob, reply, work).state == "failed"
    bob.turbo("POST", f"/messages/{reply.id}/retries")
    work()
    assert (last(reply.chat).content, last(reply.chat).version_words) == ("Now then.", "2 of 2")


def test_what_a_failed_answer_has_said_is_kept_when_it_is_tried_again(bob, asked, provider, work, monkeypatch):
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will(Cut("I was about"), "Here it is.")
    work()
    bob.turbo("POST", f"/messages/{last(asked).id}/retries")
    work()
    assert (last(asked).content, last(asked).version_words) == ("Here it is.", "2 of 2")
    back = choose(bob, last(asked), 1)
    assert (back.state, back.content) == ("failed", "I was about") and "broke off" in back.failure


def test_an_answer_that_goes_on_is_the_same_version(bob, asked, provider, work):
    provider.will(Limited("Once upon a time"), "time there was a king.")
    work()
    bob.turbo("POST", f"/messages/{last(asked).id}/continuations")
    work()
    assert (last(asked).content, last(asked).versions) == ("Once upon a time there was a king.", 1)


def test_another_version_of_an_answer_that_went_on_begins_at_its_beginning(bob, asked, provider, work):
    provider.will(Limited("Once upon a time"), "time there was a king.", "Now then.")
    work()
    bob.turbo("POST", f"/messages/{last(asked).id}/continuations")
    work()
    assert again(bob, last(asked), work).content == "Now then."
    assert provider.requests[-1]["messages"][-1]["content"] == "Tell me a story"


def test_the_page_of_versions_does_all_of_it_by_plain_forms(alice, bob, asked, reply, work):
    assert f'action="/messages/{reply.id}/versions" method="post"' in bob.get(f"/messages/{reply.id}/versions").text
    answer = bob.submit(f"/messages/{reply.id}/versions")
    assert (answer.status_code, answer.location) == (303, f"/chats/{asked.id}")
    work()
    assert f'action="/messages/{reply.id}/versions/1" method="post"' in bob.get(f"/messages/{reply.id}/versions/1").text
    answer = bob.submit(f"/messages/{reply.id}/versions/1")
    assert (answer.status_code, last(asked).content) == (303, "Once upon a time.")


def test_deleting_the_answer_deletes_its_versions(alice, admin, asked, renewed):
    renewed.delete()
    db.session.commit()
    assert kept() == 0
    assert alice.get(f"/messages/{renewed.id}/versions").status_code == 404


def test_once_the_question_is_deleted_there_is_nothing_to_answer(alice, bob, asked, renewed):
    renewed.question.delete()
    db.session.commit()
    answer = bob.turbo("POST", f"/messages/{renewed.id}/versions")
    assert answer.status_code == 422 and "question is gone" in answer.text
    assert last(asked).state == "complete" and "<form" not in main(bob.get(f"/messages/{renewed.id}/versions").text)
    assert choose(bob, renewed, 1).content == "Once upon a time."


def test_in_an_archive_nothing_is_written_and_nothing_chosen(bob, asked, renewed):
    asked.archive()
    db.session.commit()
    for path in ("versions", "versions/1"):
        assert bob.turbo("POST", f"/messages/{renewed.id}/{path}").status_code == 409
    assert (last(asked).version, len(queue.replies)) == (2, 0)


def test_where_only_managers_write_only_they_choose(bob, asked, renewed):
    asked.writers = "managers"
    db.session.commit()
    for path in ("versions", "versions/1"):
        assert bob.turbo("POST", f"/messages/{renewed.id}/{path}").status_code == 403
    assert "Show this version" not in bob.get(f"/messages/{renewed.id}/versions/1").text
    assert (last(asked).version, len(queue.replies)) == (2, 0)


def test_outsiders_and_who_was_removed_see_no_version_and_choose_none(charlie, bob, anonymous, asked, renewed):
    asked.dismiss(asked.membership_of(bob.user))
    db.session.commit()
    for visitor, status in ((charlie, 404), (bob, 404), (anonymous, 401)):
        for path in ("versions", "versions/1"):
            assert visitor.turbo("POST", f"/messages/{renewed.id}/{path}").status_code == status
    for path in ("versions", "versions/1", "text"):
        assert bob.get(f"/messages/{renewed.id}/{path}").status_code == 404
    assert last(asked).version == 2


def test_whoever_asks_too_much_is_told_so_and_the_answer_stays(bob, asked, reply, monkeypatch):
    monkeypatch.setattr("chatapp.models.asking.Asking.refusal", lambda self: "Wait for one of them.")
    answer = bob.turbo("POST", f"/messages/{reply.id}/versions")
    assert (answer.status_code, answer.text) == (422, "Wait for one of them.")
    assert (last(asked).state, last(asked).versions, len(queue.replies)) == ("complete", 1, 0)


def test_what_a_person_wrote_has_no_versions(bob, reply):
    assert bob.get(f"/messages/{reply.question_id}/versions").status_code == 404
    assert bob.turbo("POST", f"/messages/{reply.question_id}/versions").status_code == 404


def test_a_question_that_is_deleted_before_its_new_answer_begins_leaves_the_earlier_one(bob, asked, reply, work):
    bob.turbo("POST", f"/messages/{reply.id}/versions")
    reply.question.delete()
    db.session.commit()
    work()
    assert (last(asked).id, last(asked).state) == (reply.id, "stopped")
    assert choose(bob, reply, 1).content == "Once upon a time."


# A question that changes


def offer(reply) -> str:
    return f'The question has changed since. <a href="/messages/{reply.id}/versions"'


def test_an_edited_question_offers_a_new_answer_which_is_not_written_by_itself(alice, asked, reply, provider, work):
    assert offer(reply) not in page(alice, asked)
    with captured_broadcasts(asked.stream_name) as broadcasts:
        alice.turbo("PATCH", f"/messages/{reply.question_id}", {"content": "Tell me a joke"})
    assert offer(reply) in broadcasts[0].html and offer(reply) in page(alice, asked)
    assert len(queue.replies) == 0
    again(alice, reply, work)
    assert provider.requests[-1]["messages"][-1]["content"] == "Tell me a joke"
    assert offer(reply) not in page(alice, asked)


def test_an_answer_to_the_earlier_question_says_so_when_it_is_chosen_again(alice, asked, reply, work):
    alice.turbo("PATCH", f"/messages/{reply.question_id}", {"content": "Tell me a joke"})
    again(alice, reply, work)
    choose(alice, reply, 1)
    assert offer(reply) in page(alice, asked)


def test_an_edit_before_the_model_is_asked_is_no_later_question(alice, asked, provider, work):
    reply = last(asked)
    alice.turbo("PATCH", f"/messages/{reply.question_id}", {"content": "Tell me a joke"})
    work()
    assert provider.requests[0]["messages"][-1]["content"] == "Tell me a joke"
    assert offer(reply) not in page(alice, asked)


# The text


def test_the_text_of_a_message_is_given_as_it_was_written(bob, asked, reply):
    reply.content = "**Bold** <b>\n\n- one"
    db.session.commit()
    answer = bob.get(f"/messages/{reply.id}/text")
    assert (answer.text, answer.mimetype) == ("**Bold** <b>\n\n- one", "text/plain")
