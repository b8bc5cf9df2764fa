from chatapp.extensions import db
from chatapp.turbo.testing import captured_broadcasts


def type_in(visitor, chat):
    return visitor.turbo("POST", f"/chats/{chat.id}/typing")


def test_typing_is_told_to_everybody_without_a_revision(alice, chat):
    before = chat.revision
    with captured_broadcasts() as broadcasts:
        answer = type_in(alice, chat)
    assert (answer.status_code, answer.text) == (204, "")
    assert [(b.stream, b.revision) for b in broadcasts] == [(chat.stream_name, None)]
    assert f'target="typing_chat_{chat.id}"' in broadcasts[0].html and "Alice" in broadcasts[0].html
    assert chat.revision == before


def test_several_people_type_at_once(alice, bob, chat, monkeypatch):
    monkeypatch.setattr("chatapp.models.typing.LIFETIME", 60)
    type_in(alice, chat)
    with captured_broadcasts() as broadcasts:
        type_in(bob, chat)
    assert broadcasts[0].html.index("Alice") < broadcasts[0].html.index("Bob")


def test_who_has_sent_types_no_more(alice, chat):
    type_in(alice, chat)
    with captured_broadcasts() as broadcasts:
        alice.send(chat, "Hello")
    assert [broadcast.revision for broadcast in broadcasts] == [chat.revision, None]
    assert "Alice" not in broadcasts[1].html


def test_who_never_typed_tells_nothing_by_sending(alice, chat):
    with captured_broadcasts() as broadcasts:
        alice.send(chat, "Hello")
    assert len(broadcasts) == 1


def test_outsiders_type_into_nothing(charlie, removed, anonymous, chat):
    with captured_broadcasts() as broadcasts:
        assert [type_in(visitor, chat).status_code for visitor in (charlie, removed, anonymous)] == [404, 404, 401]
    assert broadcasts == []


def test_typing_needs_a_token(alice, chat):
    alice.log_in()
    assert alice.open("POST", f"/chats/{chat.id}/typing").status_code == 400


def test_typing_too_often_is_429_and_tells_nobody(app, alice, chat, monkeypatch):
    monkeypatch.setitem(app.config, "TYPING_RATE", "3 per hour")
    answers = [type_in(alice, chat).status_code for _ in range(12)]
    assert answers[:3] == [204] * 3 and 429 in answers


def test_a_name_with_a_script_stays_text(person, chat):
    mallory = person("Mallory")
    mallory.user.name = "<script>alert(1)</script>"
    chat.admit(mallory.user)
    db.session.commit()
    with captured_broadcasts() as broadcasts:
        type_in(mallory, chat)
    assert "<script>" not in broadcasts[0].html and "&lt;script&gt;" in broadcasts[0].html
