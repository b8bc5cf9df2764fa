"""The assistant sums up what somebody missed: a real queue, a real worker, a provider over real HTTP."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db, queue
from chatapp.models import Chat, Figure, Summary
from chatapp.models.catch_up import CatchUp
from chatapp.models.opening import FEW
from chatapp.models.summing_up import NOTHING, SummingUp, with_links
from tests.provider import Counted, Cut, Failure, Limited
from tests.queries import messages_of
from tests.visitors import start_over


@pytest.fixture
def chat(alice, bob, chat) -> Chat:
    """Bob has missed 25 messages of Alice's."""
    chat.assistant = "mentioned"
    for number in range(1, FEW + 6):
        chat.post(alice.user, f"Number {number}")
    db.session.commit()
    return chat


@pytest.fixture
def asked(bob, chat) -> Summary:
    CatchUp(chat, bob.user).ask(0)
    db.session.commit()
    return Summary.known(bob.user, chat)


def summary() -> Summary:
    start_over()
    return db.session.scalars(select(Summary)).one()


def given(provider) -> list[str]:
    return provider.requests[-1]["messages"][1]["content"].split("\n")


def test_the_model_reads_the_messages_with_numbers_and_its_numbers_become_links(asked, chat, provider, work):
    provider.will("- Alice counts. [1][25]")
    work()
    ids = [message.id for message in messages_of(chat)]
    assert given(provider) == [f"[{number}] Alice: Number {number}" for number in range(1, 26)]
    assert (summary().state, summary().read_count, summary().left_out) == ("done", 25, 0)
    for number, id in ((1, ids[0]), (25, ids[-1])):
        assert f"[{number}](/messages/{id} " in summary().content


def test_numbers_that_nobody_gave_to_the_model_go(chat):
    messages = messages_of(chat)[:3]
    said = "One. [1, 3] Two. [4] [0] [99][2] Three [2](https://evil.example) [x] [12345] [ ]"
    text = with_links(said, messages)
    assert text.count("/messages/") == 4 and "evil" not in text
    for gone in ("[4]", "[0]", "[99]"):
        assert gone not in text
    assert "[x]" in text and "[ ]" in text


def test_the_name_of_an_author_can_not_break_out_of_its_link(alice, chat):
    alice.user.name = '"> [x](https://evil.example) \\'
    text = with_links("[1]", messages_of(chat)[:1])
    assert text.count('"') == 2 and text.endswith('")') and "\\" not in text


def test_what_does_not_fit_is_left_out_and_the_newest_stay(app, asked, chat, provider, work, monkeypatch):
    monkeypatch.setitem(app.config, "ASSISTANT_CONTEXT_TOKENS", 360)
    monkeypatch.setitem(app.config, "ASSISTANT_REPLY_TOKENS", 100)
    work()
    read = summary().read_count
    assert 3 < read < 20 and summary().left_out == 25 - read
    assert [line.partition(" ")[2] for line in given(provider)][-1] == "Alice: Number 25"
    assert f"newest {read} of 25" in summary().words


def test_only_what_was_said_since_the_mark_is_read(bob, chat, provider, work):
    ids = [message.id for message in messages_of(chat)]
    CatchUp(chat, bob.user).ask(ids[3])
    db.session.commit()
    work()
    assert len(given(provider)) == 21 and given(provider)[0] == "[1] Alice: Number 5"


def test_nobody_else_s_chats_are_read(alice, bob, asked, provider, work):
    other = Chat.start(alice.user, "Secrets", assistant="never")
    other.post(alice.user, "Nobody may know")
    db.session.commit()
    work()
    assert "Nobody may know" not in str(provider.requests)


def test_a_summary_has_figures_of_its_own(bob, asked, chat, provider, work):
    provider.will(Counted("All counted.", 400, 20))
    work()
    [figure] = db.session.scalars(select(Figure))
    assert (figure.purpose, figure.asker_id, figure.chat_id, figure.message_id) == ("summary", bob.id, chat.id, None)
    assert (figure.tokens_in, figure.tokens_out) == (400, 20)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Failure(401), "refused our key"),
        (Cut("I think"), "broke off"),
        ("", "empty answer"),
    ],
)
def test_what_fails_has_one_sentence_and_can_be_asked_again(bob, asked, chat, provider, work, behaviour, words):
    provider.will(behaviour)
    work()
    assert summary().state == "failed" and words in summary().trouble
    provider.will("All counted.")
    CatchUp(chat, bob.user).ask(0)
    db.session.commit()
    work()
    assert (summary().state, summary().trouble, summary().content) == ("done", None, "All counted.")


def test_a_summary_that_reaches_the_limit_of_tokens_is_shown_as_far_as_it_came(asked, provider, work):
    provider.will(Limited("Once upon"))
    work()
    assert (summary().state, summary().content) == ("done", "Once upon")


def test_somebody_who_was_removed_before_the_job_began_is_told_nothing(bob, asked, chat, provider, work):
    chat.dismiss(chat.membership_of(bob.user))
    db.session.commit()
    work()
    assert provider.requests == [] and db.session.scalar(select(Summary)) is None


def test_somebody_who_is_removed_while_the_model_writes_gets_no_summary(bob, asked, chat, provider, monkeypatch):
    for number, _ in enumerate(steps(asked)):
        db.session.commit()
        if number == 0:
            chat.dismiss(chat.membership_of(bob.user))
            db.session.commit()
    start_over()
    assert db.session.scalar(select(Summary)) is None and len(db.session.scalars(select(Figure)).all()) == 1


def test_a_summary_that_is_dismissed_while_the_model_writes_stays_dismissed(bob, asked, chat, provider):
    for number, _ in enumerate(steps(asked)):
        db.session.commit()
        if number == 0:
            CatchUp(chat, bob.user).dismiss()
            db.session.commit()
    assert (summary().state, summary().content) == ("dismissed", "")


def test_a_chat_that_became_one_for_people_only_is_not_read(asked, chat, provider, work):
    chat.assistant = "never"
    db.session.commit()
    work()
    assert provider.requests == [] and summary().trouble == NOTHING


def test_a_job_that_was_queued_twice_asks_once(asked, provider, work):
    queue.rq.enqueue("chatapp.jobs.summaries.write", asked.id, asked.attempt)
    work()
    assert len(provider.requests) == 1 and summary().state == "done"


def test_a_mistake_of_ours_ends_as_a_reason(asked, provider, work, monkeypatch):
    monkeypatch.setattr("chatapp.models.summing_up.with_links", lambda said, messages: 1 / 0)
    work()
    assert summary().state == "failed" and "broke" in summary().trouble


def steps(summary):
    from chatapp.jobs.replies import language_model

    return SummingUp(summary, summary.attempt, language_model(), 1000).steps()
