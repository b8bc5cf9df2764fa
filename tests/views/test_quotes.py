"""Sending a message that quotes another one, and the page of its replies."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from chatapp.extensions import db
from chatapp.models import Chat, Message


def quoted_ids() -> list[int | None]:
    return list(db.session.scalars(select(Message.quoted_id).order_by(Message.id)))


def test_a_message_quotes_the_one_that_reply_to_names(alice, bob, chat, message):
    answer = bob.send(chat, "Yes", reply_to=str(message.id))
    assert answer.status_code == 201 and f"quote_message_{message.id}" in answer.text
    assert quoted_ids() == [None, message.id]
    assert f"quote_message_{message.id}" in alice.get(f"/chats/{chat.id}").text


def test_a_message_that_quotes_is_made_once_however_often_it_is_sent(bob, chat, message):
    form = {"client_id": uuid4().hex, "reply_to": str(message.id)}
    first, second = bob.send(chat, "Yes", **form), bob.send(chat, "Yes", **form)
    assert (first.status_code, second.status_code) == (201, 201)
    assert quoted_ids() == [None, message.id]


def test_what_was_deleted_meanwhile_takes_nothing_from_what_somebody_wrote(bob, chat, message):
    message.delete()
    db.session.commit()
    answer = bob.send(chat, "Yes", reply_to=str(message.id))
    assert answer.status_code == 201 and "Deleted message" in answer.text and "Yes" in answer.text


@pytest.mark.parametrize("id", ["0", "-1", "x", "1.5", "4000000000", "99999999", "9" * 40, "١"])
def test_a_bad_id_is_refused_in_words(bob, chat, message, id):
    answer = bob.send(chat, "Yes", reply_to=id)
    assert (answer.status_code, answer.text) == (422, "reply_to takes the id of a message in this chat.")
    assert bob.submit(f"/chats/{chat.id}/messages", {"content": "Yes", "reply_to": id}).status_code == 422
    assert quoted_ids() == [None]


def test_a_message_of_another_chat_is_as_unknown_as_one_that_does_not_exist(alice, bob, chat):
    secret = Chat.start(alice.user, "Secret", assistant="never")
    db.session.flush()
    hidden = secret.post(alice.user, "Nobody else may read this")
    db.session.commit()
    answer = bob.send(chat, "Yes", reply_to=str(hidden.id))
    assert answer.status_code == 422
    assert answer.text == bob.send(chat, "Yes", reply_to="99999999").text
    assert bob.get(f"/messages/{hidden.id}/replies").status_code == 404


def test_an_empty_reply_to_is_none(bob, chat):
    assert bob.send(chat, "Yes", reply_to="").status_code == 201
    assert quoted_ids() == [None]


def test_without_scripts_one_replies_on_the_page_of_the_message(bob, chat, message):
    actions = f"/messages/{message.id}/actions"
    assert f'href="{actions}"' in bob.get(f"/chats/{chat.id}").text
    assert f'href="/messages/{message.id}/replies"' in bob.get(actions).text
    form = bob.get(f"/messages/{message.id}/replies").text
    assert "Hello" in form and f'name="reply_to" value="{message.id}"' in form
    answer = bob.submit(f"/chats/{chat.id}/messages", {"content": "Yes", "reply_to": str(message.id)})
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}")
    page = bob.get(f"/messages/{message.id}/replies").text
    assert "1 reply" in page and re.search(r'<article id="message_\d+".*?Yes', page, re.DOTALL)


def test_a_refused_reply_keeps_what_was_typed_and_what_it_quotes(bob, chat, message):
    long = "x" * 10_001
    answer = bob.submit(f"/chats/{chat.id}/messages", {"content": long, "reply_to": str(message.id)})
    assert answer.status_code == 422
    assert long in answer.text and f'name="reply_to" value="{message.id}"' in answer.text


def test_a_refused_reply_to_what_was_deleted_meanwhile_keeps_what_was_typed(alice, bob, chat, message):
    bob.send(chat, "Yes", reply_to=str(message.id))
    alice.turbo("DELETE", f"/messages/{message.id}")
    answer = bob.submit(f"/chats/{chat.id}/messages", {"content": "x" * 10_001, "reply_to": str(message.id)})
    assert answer.status_code == 422 and "x" * 10_001 in answer.text
    assert f'id="message_{message.id}"' not in answer.text


def test_a_very_long_thread_shows_its_newest_replies_and_leads_to_earlier_ones(bob, chat, message):
    rows = [
        {"chat_id": chat.id, "author_id": bob.id, "content": f"No. {n}", "quoted_id": message.id} for n in range(60)
    ]
    db.session.execute(insert(Message), rows)
    db.session.commit()
    page = bob.get(f"/messages/{message.id}/replies").text
    assert "No. 59<" in page and "No. 10<" in page and "No. 9<" not in page
    earlier = re.search(rf'href="(/messages/{message.id}/replies\?before=\d+)"', page)[1]
    for answer in (bob.get(earlier).text, bob.get(earlier, headers={"Turbo-Frame": "replies_before_1"}).text):
        assert "No. 0<" in answer and "No. 9<" in answer and "No. 10<" not in answer
        assert "Show earlier replies" not in answer


@pytest.mark.parametrize("before", ["0", "-1", "x", "99999999999", ""])
def test_a_bad_place_in_a_thread_is_its_end(bob, message, before):
    assert "Hello" in bob.get(f"/messages/{message.id}/replies?before={before}").text


def test_the_replies_of_a_deleted_message_stay(alice, bob, chat, message, charlie, removed):
    bob.send(chat, "Yes", reply_to=str(message.id))
    alice.turbo("DELETE", f"/messages/{message.id}")
    page = bob.get(f"/messages/{message.id}/replies").text
    assert "This message was deleted." in page and "Yes" in page and f'id="message_{message.id}"' not in page
    for visitor in (charlie, removed):
        assert visitor.get(f"/messages/{message.id}/replies").status_code == 404


def test_a_panel_gets_the_thread_without_the_page_around_it(bob, chat, message):
    bob.send(chat, "Yes", reply_to=str(message.id))
    panel = bob.get(f"/messages/{message.id}/replies?panel").text
    assert "Hello" in panel and "Yes" in panel and f'name="reply_to" value="{message.id}"' in panel
    assert 'class="sidebar"' not in panel


def test_the_page_of_a_chat_opens_the_thread_that_its_address_names(alice, bob, chat, message):
    elsewhere = Chat.start(bob.user, "Elsewhere", assistant="never")
    db.session.flush()
    other = elsewhere.post(bob.user, "In another chat")
    db.session.commit()
    opened = f'data-thread-message-value="{message.id}"'
    assert opened in bob.get(f"/chats/{chat.id}?thread={message.id}").text
    assert opened in bob.get(f"/chats/{chat.id}?around={message.id}&thread={message.id}").text
    for id in ("", "0", "x", str(other.id), "2000000000", "9" * 30):
        page = bob.get(f"/chats/{chat.id}?thread={id}")
        assert page.status_code == 200 and 'data-thread-message-value="0"' in page.text


def test_deleted_replies_are_neither_counted_nor_shown(bob, chat, message):
    bob.send(chat, "Secret", reply_to=str(message.id))
    bob.send(chat, "Stays", reply_to=str(message.id))
    secret = db.session.scalars(select(Message.id).order_by(Message.id)).all()[1]
    bob.turbo("DELETE", f"/messages/{secret}")
    page = bob.get(f"/messages/{message.id}/replies").text
    assert "1 reply" in page and "Stays" in page and "Secret" not in page


def test_in_an_archived_chat_replies_can_be_read_and_not_written(alice, bob, chat, message):
    chat.archive()
    db.session.commit()
    page = bob.get(f"/messages/{message.id}/replies").text
    assert "Hello" in page and 'name="reply_to"' not in page
    assert bob.send(chat, "Yes", reply_to=str(message.id)).status_code == 409


def test_outsiders_see_no_replies(charlie, removed, anonymous, message):
    for visitor in (charlie, removed):
        assert visitor.get(f"/messages/{message.id}/replies").status_code == 404
    assert anonymous.get(f"/messages/{message.id}/replies").status_code == 303
