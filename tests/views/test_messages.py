import re
import threading
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.models import Chat, Message
from chatapp.turbo.testing import captured_broadcasts


def count() -> int:
    return db.session.scalar(select(func.count(Message.id)))


# Sending


def test_turbo_gets_the_fragment_that_everybody_gets(alice, chat):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        answer = alice.send(chat, "Hello", client_id="from-alice-1")
    assert answer.status_code == 201
    assert answer.mimetype == "text/vnd.turbo-stream.html"
    assert answer.text == broadcasts[0].html
    assert f'<turbo-stream action="append" target="messages_chat_{chat.id}">' in answer.text
    assert 'data-client-id="from-alice-1"' in answer.text


def test_a_plain_form_leads_back_to_the_chat(alice, chat):
    answer = alice.submit(f"/chats/{chat.id}/messages", {"content": "Hello"})
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}")
    assert "Hello" in alice.get(f"/chats/{chat.id}").text


def test_a_fragment_knows_no_viewer_and_no_token(alice, chat):
    answer = alice.send(chat, "Hello")
    assert alice.token not in answer.text and "csrf" not in answer.text
    assert "viewer-admin" not in answer.text


def test_outsiders_send_nothing(charlie, removed, chat):
    assert charlie.send(chat, "Hello").status_code == 404
    assert removed.send(chat, "Hello").status_code == 404
    assert count() == 0


def test_an_anonymous_visitor_sends_nothing(anonymous, chat):
    assert anonymous.send(chat, "Hello").status_code == 401
    assert anonymous.submit(f"/chats/{chat.id}/messages", {"content": "Hello"}).location == "/login"
    assert count() == 0


def test_without_a_token_nothing_is_sent(alice, chat):
    alice.log_in()
    answer = alice.open("POST", f"/chats/{chat.id}/messages", data={"content": "Hello"})
    assert answer.status_code == 400 and "without the token" in answer.text
    assert count() == 0


def test_the_token_of_somebody_else_is_refused(alice, bob, chat):
    answer = alice.turbo("POST", f"/chats/{chat.id}/messages", {"content": "Hi"}, headers={"X-CSRFToken": bob.token})
    assert (answer.status_code, count()) == (400, 0)


def test_writing_into_an_open_chat_joins_it(alice, charlie):
    chat = Chat.start(alice.user, "For all", kind="open", assistant="never")
    db.session.commit()
    assert charlie.send(chat, "Hello").status_code == 201
    assert chat.membership_of(charlie.user) is not None


def test_too_much_at_once_is_429_in_words_that_a_script_can_show(app, alice, chat, monkeypatch):
    monkeypatch.setitem(app.config, "MESSAGE_RATE", "2 per minute")
    answers = [alice.send(chat, f"Number {number}") for number in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].text == "That was too often in a short time. Wait a moment and try again."


def test_one_who_writes_too_much_does_not_stop_the_others(app, alice, bob, chat, monkeypatch):
    monkeypatch.setitem(app.config, "MESSAGE_RATE", "1 per minute")
    assert [visitor.send(chat, "Hello").status_code for visitor in (alice, alice, bob)] == [201, 429, 201]


# Sending twice


def test_a_client_id_sent_twice_makes_one_message(alice, chat):
    id = uuid4().hex
    first, second = alice.send(chat, "Hello", client_id=id), alice.send(chat, "Hello", client_id=id)
    assert (first.status_code, second.status_code, count()) == (201, 201, 1)
    assert first.text == second.text


def test_two_people_may_have_the_same_client_id(alice, bob, chat):
    assert [visitor.send(chat, "Hi", client_id="the-same-one").status_code for visitor in (alice, bob)] == [201, 201]
    assert count() == 2


def test_a_client_id_sent_many_times_at_once_makes_one_message(app, client, alice, chat):
    id, path = uuid4().hex, f"/chats/{chat.id}/messages"
    visitors, answers = [client(alice.user) for _ in range(5)], []
    for visitor in visitors:
        assert visitor.token
    start = threading.Barrier(len(visitors))

    def send(visitor):
        start.wait()
        answers.append(visitor.turbo("POST", path, {"content": "Hello", "client_id": id}))

    threads = [threading.Thread(target=send, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 5
    assert count() == 1
    assert {answer.text.partition("data-revision")[0] for answer in answers} == {
        answers[0].text.partition("data-revision")[0]
    }


def test_a_message_that_was_deleted_meanwhile_does_not_come_back_by_sending_it_again(alice, chat):
    alice.send(chat, "Hello", client_id="from-alice-1")
    alice.turbo("DELETE", f"/messages/{db.session.scalar(select(Message.id))}")
    answer = alice.send(chat, "Hello", client_id="from-alice-1")
    assert (answer.status_code, "remove" in answer.text, "Hello" in answer.text) == (201, True, False)


@pytest.mark.parametrize("id", ["short", "x" * 65, "with space", "a<script>b", "ümlaute-ümlaute"])
def test_what_is_no_client_id_is_refused(alice, chat, id):
    answer = alice.send(chat, "Hello", client_id=id)
    assert (answer.status_code, answer.text) == (422, "client_id takes 8 to 64 letters, digits, - and _.")


# Editing


def test_the_author_edits(alice, chat, message):
    answer = alice.turbo("PATCH", f"/messages/{message.id}", {"content": "Good evening"})
    assert answer.status_code == 200 and "Good evening" in answer.text
    assert message.content == "Good evening" and message.edited_at is not None
    assert re.search(r'title="[^"]+ UTC"[^>]*>edited</time>', answer.text)


def test_a_plain_form_edits_too(alice, chat, message):
    answer = alice.submit(f"/messages/{message.id}", {"content": "Good evening"}, method="PATCH")
    assert (answer.status_code, answer.location, message.content) == (303, f"/chats/{chat.id}", "Good evening")


def test_an_edit_to_the_same_words_changes_nothing(alice, chat, message):
    before = chat.revision
    assert alice.turbo("PATCH", f"/messages/{message.id}", {"content": "Hello"}).status_code == 200
    assert (chat.revision, message.edited_at) == (before, None)


@pytest.mark.parametrize("content", ["", "   ", "x" * 10_001, "a\0b"])
def test_an_edit_to_what_is_no_message_is_refused(alice, message, content):
    assert alice.turbo("PATCH", f"/messages/{message.id}", {"content": content}).status_code == 422
    assert alice.submit(f"/messages/{message.id}", {"content": content}, method="PATCH").status_code == 422
    assert message.content == "Hello"


def test_another_member_may_not_edit(bob, admin, chat, message):
    chat.admit(admin.user)
    db.session.commit()
    for visitor in (bob, admin):
        answer = visitor.turbo("PATCH", f"/messages/{message.id}", {"content": "Mine"})
        assert (answer.status_code, answer.text) == (403, "Only its author can edit a message.")
        assert visitor.get(f"/messages/{message.id}/edit").status_code == 403
    assert message.content == "Hello"


# Deleting


def test_the_author_deletes(alice, chat, message):
    answer = alice.turbo("DELETE", f"/messages/{message.id}")
    assert answer.text == f'<turbo-stream action="remove" target="message_{message.id}"></turbo-stream>'
    assert message.deleted_at is not None and message.content == ""
    assert "Hello" not in alice.get(f"/chats/{chat.id}").text


def test_a_plain_form_deletes_too(alice, chat, message):
    answer = alice.submit(f"/messages/{message.id}", method="DELETE")
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}")
    assert message.deleted_at is not None


def test_another_member_may_not_delete_but_an_admin_who_is_a_member_may(bob, admin, chat, message):
    assert bob.turbo("DELETE", f"/messages/{message.id}").status_code == 403
    assert admin.turbo("DELETE", f"/messages/{message.id}").status_code == 404
    chat.admit(admin.user)
    db.session.commit()
    assert admin.turbo("DELETE", f"/messages/{message.id}").status_code == 200


def test_a_deleted_message_does_not_exist(alice, message):
    alice.turbo("DELETE", f"/messages/{message.id}")
    assert alice.get(f"/messages/{message.id}").status_code == 404
    assert alice.turbo("DELETE", f"/messages/{message.id}").status_code == 404
    assert alice.turbo("PATCH", f"/messages/{message.id}", {"content": "Back"}).status_code == 404


# Links to a message


@pytest.mark.parametrize("path", ["/actions", "/edit", "/stops", "/retries", "/continuations"])
def test_a_page_about_a_message_is_for_its_chat_only(alice, charlie, removed, anonymous, message, path):
    path = f"/messages/{message.id}{path}"
    assert alice.get(path).status_code == 200
    assert charlie.get(path).status_code == 404
    assert removed.get(path).status_code == 404
    assert anonymous.get(path).location == f"/login?next={path}"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_outsiders_change_no_message(charlie, removed, anonymous, message, method):
    for visitor, status in ((charlie, 404), (removed, 404), (anonymous, 401)):
        assert visitor.turbo(method, f"/messages/{message.id}", {"content": "Mine"}).status_code == status
    assert (message.content, message.deleted_at) == ("Hello", None)


@pytest.mark.parametrize("id", [0, 2**31, 2**63])
def test_a_number_that_is_no_id_of_a_database_is_404(alice, id):
    assert alice.get(f"/messages/{id}").status_code == 404


def test_a_client_id_that_was_used_in_another_chat_is_refused_and_nothing_is_lost_in_silence(alice, chat):
    other = Chat.start(alice.user, "Other")
    db.session.commit()
    assert alice.send(chat, "Here", client_id="once-and-again").status_code == 201
    answer = alice.send(other, "There", client_id="once-and-again")
    assert answer.status_code == 422 and "another chat" in answer.text
