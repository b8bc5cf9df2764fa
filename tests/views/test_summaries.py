"""Being caught up, by forms alone."""

import pytest

from chatapp.extensions import db, limiter
from chatapp.models import Chat, Summary
from chatapp.models.opening import FEW
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


def state_of(visitor, chat, path: str = "") -> str:
    page = visitor.get(f"/chats/{chat.id}{path}").text
    part = page.partition(f'<turbo-frame id="summary_chat_{chat.id}"')[2].partition("</turbo-frame>")[0]
    return part.partition('data-state="')[2].partition('"')[0]


def test_who_missed_much_is_offered_a_summary_and_nobody_else(alice, bob, chat):
    assert state_of(bob, chat) == "offered" and "25 new messages" in bob.get(f"/chats/{chat.id}").text
    assert state_of(alice, chat) == ""


def test_a_summary_is_asked_for_and_read_by_forms_alone(alice, bob, chat, provider, work):
    provider.will("- **Alice** counts. [1]\n\n<script>alert(1)</script>")
    answer = bob.submit(f"/chats/{chat.id}/summaries", {"after_id": "0"})
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}/summary")
    page = bob.get(answer.location).text
    assert "Come back in a moment" in page and f'href="/chats/{chat.id}/summary">Look again' in page
    work()
    page = bob.get(answer.location).text
    first = messages_of(chat)[0].id
    assert f'<a href="/messages/{first}" title="Message of Alice" rel=' in page and "<strong>Alice</strong>" in page
    assert "<script>alert" not in page and "Sums up 25 messages." in page
    assert state_of(bob, chat) == "done" and state_of(bob, chat, f"?around={first}") == "done"
    assert state_of(alice, chat) == "" and "Alice</strong> counts" not in alice.get(f"/chats/{chat.id}").text


def test_a_frame_gets_its_part_alone(bob, chat):
    page = bob.get(f"/chats/{chat.id}/summary", headers={"Turbo-Frame": "x"}).text
    assert page.lstrip().startswith("<turbo-frame") and "<html" not in page
    assert "<html" in bob.get(f"/chats/{chat.id}/summary").text


def test_a_summary_is_closed_for_good(bob, chat, provider, work):
    bob.submit(f"/chats/{chat.id}/summaries", {"after_id": "0"})
    work()
    answer = bob.submit(f"/chats/{chat.id}/summary", {}, "DELETE")
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}")
    assert state_of(bob, chat) == "" and "There is nothing to sum up" in bob.get(f"/chats/{chat.id}/summary").text


def test_outsiders_and_readers_get_no_summary(charlie, removed, chat):
    def answers(visitor) -> list[int]:
        path = f"/chats/{chat.id}"
        asked = visitor.submit(f"{path}/summaries", {"after_id": "0"})
        closed = visitor.submit(f"{path}/summary", {}, "DELETE")
        return [visitor.get(f"{path}/summary").status_code, asked.status_code, closed.status_code]

    assert answers(charlie) == answers(removed) == [404, 404, 404]
    chat.kind = "open"
    db.session.commit()
    assert answers(charlie) == [403, 403, 403]
    assert db.session.query(Summary).count() == 0


@pytest.mark.parametrize("after_id", ["", "x", "-1", "99999999999", "2147483648"])
def test_what_is_no_mark_is_refused(bob, chat, after_id):
    answer = bob.submit(f"/chats/{chat.id}/summaries", {"after_id": after_id})
    assert answer.status_code == 422 and "after_id takes the id of a message" in answer.text


def test_summaries_have_a_rate(bob, chat, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    codes = [bob.submit(f"/chats/{chat.id}/summaries", {"after_id": "0"}).status_code for _ in range(7)]
    assert codes == [303] * 6 + [429]


def test_what_fails_says_why_and_offers_to_try_again(bob, chat):
    db.session.add(Summary(user_id=bob.id, chat_id=chat.id, state="failed", failure="The model is busy.", after_id=7))
    db.session.commit()
    page = bob.get(f"/chats/{chat.id}").text
    assert "The model is busy." in page and "Try again" in page and 'name="after_id" value="7"' in page
    start_over()
