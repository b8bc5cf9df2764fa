import re

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Block, Chat
from tests.queries import messages_of


def begin(visitor, *others):
    return visitor.submit("/directs", {"user_ids": [other.id for other in others]})


@pytest.fixture
def direct(alice, bob) -> Chat:
    chat = Chat.direct(alice.user, [bob.user])
    chat.post(alice.user, "Hello")
    db.session.commit()
    return chat


def test_a_person_is_written_to_at_once(alice, bob):
    answer = begin(alice, bob)
    chat = db.session.scalars(select(Chat)).one()
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}")
    page = alice.get(f"/chats/{chat.id}").text
    assert "<title>Bob · Plainwire</title>" in page and "Chat settings" not in page


@pytest.mark.parametrize("ids", [[], ["0"], ["x"], ["999999"], [str(2**40)]])
def test_nobody_is_written_to_who_does_not_exist(alice, ids):
    answer = alice.submit("/directs", {"user_ids": ids})
    assert answer.status_code == 422 and "field__errors" in answer.text
    assert db.session.scalars(select(Chat)).all() == []


def test_oneself_alone_a_closed_account_and_a_crowd_are_refused_and_the_choice_is_kept(alice, bob, charlie, person):
    assert begin(alice, alice).status_code == 422
    crowd = [person(f"P{number}") for number in range(9)]
    answer = begin(alice, *crowd)
    assert answer.status_code == 422 and answer.text.count('class="chosen__person"') == 9
    charlie.user.deactivate()
    db.session.commit()
    answer = begin(alice, bob, charlie)
    assert (answer.status_code, "is closed" in answer.text, "Bob" in answer.text) == (422, True, True)


def test_an_assistant_is_written_to_as_people_are(alice, app):
    from chatapp.models import User

    assistant = User.assistant()
    db.session.commit()
    assert alice.submit("/directs", {"user_ids": assistant.id}).status_code == 303
    chat = db.session.scalars(select(Chat)).one()
    assert alice.send(chat, "Hello").status_code == 201
    assert [message.author for message in messages_of(chat)] == [alice.user, assistant]


def test_without_scripts_people_are_looked_for_chosen_and_left_out_by_links(alice, bob, charlie):
    page = alice.get("/directs/new?q=bo").text
    choose = re.search(r'href="(/directs/new\?user_ids=\d+)">Choose', page)[1]
    page = alice.get(choose + "&q=char").text
    assert "Write to Bob" in page and "Charlie" in page
    assert 'href="/directs/new"' in page


def test_outsiders_and_administrators_see_nothing_of_it(charlie, admin, anonymous, direct):
    for visitor in (charlie, admin):
        for path in (f"/chats/{direct.id}", f"/directs/{direct.id}", f"/chats/{direct.id}/members"):
            assert visitor.get(path).status_code == 404
        assert visitor.send(direct, "Hello").status_code == 404
    assert anonymous.submit("/directs", {"user_ids": "1"}).location == "/login"


def test_nobody_is_added_or_removed_and_nothing_is_set(alice, bob, charlie, direct):
    path = f"/chats/{direct.id}"
    assert alice.submit(f"{path}/members", {"user_id": charlie.id}).status_code == 403
    assert alice.submit(f"{path}/members/{bob.id}", method="DELETE").status_code == 403
    assert alice.get(f"{path}/edit").status_code == 403
    assert alice.submit(path, {"title": "Mine", "kind": "open", "assistant": "always"}, "PATCH").status_code == 403
    assert alice.submit(f"{path}/archives").status_code == 403
    assert alice.get(f"{path}/members").location == f"/directs/{direct.id}"


def test_leaving_needs_no_successor(alice, bob, direct):
    assert "comes back with the next message" in bob.get(f"/chats/{direct.id}/departures/new").text
    assert bob.submit(f"/chats/{direct.id}/departures").location == "/"
    assert bob.get(f"/chats/{direct.id}").status_code == 404
    assert alice.send(direct, "Still there?").status_code == 201
    assert bob.get(f"/chats/{direct.id}").status_code == 200


def test_whoever_is_blocked_is_told_so_and_writes_everywhere_else(alice, bob, chat, direct):
    assert alice.submit(f"/users/{bob.id}/blocks").location == f"/users/{bob.id}"
    answer = bob.send(direct, "Hey")
    assert (answer.status_code, answer.text) == (403, "Alice does not take direct messages from you.")
    assert alice.send(direct, "Hey").status_code == 403
    assert bob.send(chat, "Hey").status_code == 201
    alice.submit(f"/users/{bob.id}/block", method="DELETE")
    assert bob.send(direct, "Hey").status_code == 201


def test_only_whoever_blocks_sees_the_block(alice, bob, charlie):
    Block.begin(alice.user, bob.user)
    db.session.commit()
    assert "Unblock" in alice.get(f"/users/{bob.id}").text
    for visitor, other in ((bob, alice), (charlie, bob)):
        assert "Unblock" not in visitor.get(f"/users/{other.id}").text


def test_nobody_blocks_oneself_the_assistant_or_nobody(alice):
    for id in (alice.id, 999_999):
        assert alice.submit(f"/users/{id}/blocks").status_code == 404
