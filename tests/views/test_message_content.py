"""What people put into messages, by mistake and on purpose."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.lib import markdown
from chatapp.models import Message
from tests.browserless import parse
from tests.queries import statements
from tests.visitors import TURBO_STREAM

MEGABYTE = 1024 * 1024
#: What a change of a message begins with on PostgreSQL, and on SQLite, which has one lock for all.
BEHIND = ("FOR NO KEY UPDATE", "INSERT INTO messages", "UPDATE messages", "UPDATE chats")


def saved() -> list[str]:
    return list(db.session.scalars(select(Message.content)))


@pytest.mark.parametrize("content", ["", " ", "\r\n\t", None])
def test_an_empty_message_is_refused(alice, chat, content):
    answer = alice.turbo("POST", f"/chats/{chat.id}/messages", {} if content is None else {"content": content})
    assert (answer.status_code, answer.mimetype, answer.text) == (422, "text/plain", "Write something first.")


def test_ten_thousand_characters_are_a_message(alice, chat):
    assert alice.send(chat, "é" * 10_000).status_code == 201
    assert saved() == ["é" * 10_000]


def test_one_more_is_refused_in_words_that_say_how_many_are_too_many(alice, chat):
    answer = alice.send(chat, "é" * 10_001)
    assert (answer.status_code, answer.text) == (422, "This is 1 characters too long; 10,000 are possible.")


def test_characters_are_counted_as_people_count_line_ends(alice, chat):
    assert alice.send(chat, "a\r\n" * 5000).status_code == 201


def test_a_plain_form_that_is_refused_shows_what_was_typed(alice, chat):
    answer = alice.submit(f"/chats/{chat.id}/messages", {"content": "Much " * 2001})
    assert answer.status_code == 422
    assert "5 characters too long" in answer.text and "Much Much" in answer.text
    assert f'action="/chats/{chat.id}/messages"' in answer.text


def test_the_longest_message_is_taken_in_whatever_characters(alice, chat):
    assert alice.send(chat, "👩" * 10_000).status_code == 201


def test_a_long_text_is_refused_with_how_much_too_long_it_is(alice, chat):
    answer = alice.send(chat, "x" * 200_000)
    assert (answer.status_code, answer.text) == (422, "This is 190,000 characters too long; 10,000 are possible.")


def test_three_megabytes_are_refused_in_clear_words(alice, chat):
    answer = alice.send(chat, "x" * 3 * MEGABYTE)
    assert answer.status_code == 413
    assert answer.text == "That is more than the server accepts. Send less at a time."


def test_three_megabytes_of_a_plain_form_are_refused_on_a_page(alice, chat):
    answer = alice.submit(f"/chats/{chat.id}/messages", {"content": "x" * 3 * MEGABYTE})
    assert answer.status_code == 413 and "Send less at a time." in answer.text
    assert saved() == []


@pytest.mark.parametrize("content", ["a\0b", "a\x1bb", "\x7f", "a\x0bb"])
def test_what_a_database_refuses_is_refused_in_clear_words_before(alice, chat, content):
    answer = alice.send(chat, content)
    assert answer.status_code == 422
    assert answer.text == "This contains a control character that can't be saved. Remove it, or paste plain text."


@pytest.mark.parametrize("content", [b"\xed\xa0\xbd", b"\xf0\x9f\x98", b"\xff\xfe", b"\xed\xb8\x80 and text"])
def test_half_an_emoji_becomes_something_that_can_be_saved_and_shown(alice, chat, content):
    part = b'--b\r\nContent-Disposition: form-data; name="content"\r\n\r\nbroken ' + content + b"\r\n--b--\r\n"
    escaped = b"content=broken+" + b"".join(b"%%%02X" % byte for byte in content)
    bodies = {"multipart/form-data; boundary=b": part, "application/x-www-form-urlencoded": escaped}
    for content_type, body in bodies.items():
        headers = {"Accept": TURBO_STREAM, "X-CSRFToken": alice.token, "Content-Type": content_type}
        answer = alice.open("POST", f"/chats/{chat.id}/messages", data=body, headers=headers)
        assert answer.status_code == 201 and "broken" in answer.text
    assert len(saved()) == 2
    assert not any("\ud800" <= character <= "\udfff" for text in saved() for character in text)
    assert alice.get(f"/chats/{chat.id}").status_code == 200


@pytest.mark.parametrize(
    "content", ["👩‍👩‍👧‍👦 café ﷽ \u202eabc", "𝕳𝖊𝖑𝖑𝖔", "line\u2028separated\u2029and\x85so", "İı\u0130"]
)
def test_every_character_of_unicode_comes_back_as_it_was(alice, chat, content):
    assert alice.send(chat, content).status_code == 201
    assert saved() == [content]


def test_line_ends_become_line_feeds(alice, chat):
    alice.send(chat, "one\r\ntwo\rthree\nfour")
    assert saved() == ["one\ntwo\nthree\nfour"]


@pytest.mark.parametrize("content", [
    "data: nothing\n\nevent: beat\ndata: 0\n\nid: 999\n\n",
    "one\r\n\r\ndata: two",
    ":comment\nretry: 1",
    "```\ndata: x\n\n\n\nid: 9\n```",
])  # fmt: skip
def test_no_message_can_write_into_the_stream_that_carries_it(alice, chat, content):
    cursor = chat.revision
    alice.send(chat, content)
    frame = chat.catch_up(cursor, db.session)
    events = list(parse([frame.encoded.decode()]))
    assert [(event.id, event.name) for event in events] == [(str(chat.revision), None)]
    assert events[0].data == f"{frame.html}<!--after {cursor}-->"


def test_a_message_is_shown_as_text_where_it_is_html(alice, chat):
    answer = alice.send(chat, '<script>alert(1)</script><img src=x onerror=alert(1)><b class="x">bold</b>')
    assert "<script>" not in answer.text and "<img" not in answer.text and "<b " not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


def test_a_message_can_not_close_the_template_it_travels_in(alice, chat):
    answer = alice.send(chat, "</template></turbo-stream><turbo-stream action=remove targets=body></turbo-stream>")
    assert answer.text.count("<turbo-stream") == answer.text.count("</template>") == 1


def test_markdown_is_html(alice, chat):
    assert "<strong>very</strong>" in alice.send(chat, "**very** good").text


@pytest.mark.parametrize("edited", [False, True])
def test_a_text_is_parsed_before_its_chat_is_locked(alice, chat, message, monkeypatch, edited):
    render, locked = markdown._MARKDOWN.render, []

    with statements() as seen:

        def note(text):
            locked.append(any(words in statement for statement, _ in seen for words in BEHIND))
            return render(text)

        monkeypatch.setattr(markdown._MARKDOWN, "render", note)
        if edited:
            alice.turbo("PATCH", f"/messages/{message.id}", {"content": f"Parsed for {edited}"})
        else:
            alice.send(chat, f"Parsed for {edited}")
    assert locked == [False]
