import pytest

from chatapp.extensions import db
from chatapp.models import Chat


@pytest.fixture
def rates(app, monkeypatch):
    return lambda **given: [monkeypatch.setitem(app.config, name, rate) for name, rate in given.items()]


def test_options_have_names_and_no_addresses(alice, bob):
    answer = alice.get("/people?q=bob")
    assert f'data-user-id="{bob.id}"' in answer.text and "bob@example.com" not in answer.text


def test_members_of_the_chat_and_those_who_are_chosen_are_left_out(alice, bob, charlie, chat):
    assert "Bob" not in alice.get(f"/people?q=bob&chat_id={chat.id}").text
    assert "Bob" not in alice.get(f"/people?q=bob&user_ids={bob.id}&user_ids=x").text
    assert "Charlie" in alice.get(f"/people?q=char&chat_id={chat.id}").text


def test_outsiders_learn_nothing_of_a_chat_by_leaving_its_members_out(charlie, removed, anonymous, chat):
    assert charlie.get(f"/people?q=bob&chat_id={chat.id}").status_code == 404
    assert removed.get(f"/people?q=bob&chat_id={chat.id}").status_code == 404
    assert anonymous.get("/people?q=bob").status_code == 303


def test_looking_has_one_rate_for_all_pages_and_a_page_without_a_search_has_none(alice, chat, rates):
    rates(PEOPLE_RATE="2 per hour")
    paths = ("/people?q=a", "/directs/new?q=a", f"/chats/{chat.id}/members?q=a")
    assert [alice.get(path).status_code for path in paths] == [200, 200, 429]
    assert alice.get(f"/chats/{chat.id}/members").status_code == 200


def test_whole_addresses_that_belong_to_nobody_count_as_probes(alice, bob, charlie, rates):
    rates(PROBE_RATE="2 per hour")
    assert alice.get("/people?q=bob@example.com").status_code == 200
    answers = [alice.get(f"/people?q=nobody{n}@example.com").status_code for n in range(3)]
    assert answers == [200, 200, 429]
    assert alice.get("/people?q=bob").status_code == 200


def test_a_member_adds_somebody_who_was_found(bob, charlie, chat):
    page = bob.get(f"/chats/{chat.id}/members?q=char").text
    assert "Charlie" in page and f'value="{charlie.id}"' in page
    answer = bob.submit(f"/chats/{chat.id}/members", {"user_id": charlie.id})
    assert answer.location == f"/chats/{chat.id}/members"
    assert charlie.get(f"/chats/{chat.id}").status_code == 200


@pytest.mark.parametrize("id", ["x", "0", "999999", str(2**40)])
def test_an_id_of_nobody_adds_nobody(alice, chat, id):
    answer = alice.submit(f"/chats/{chat.id}/members", {"user_id": id})
    assert (answer.status_code, "This account is closed" in answer.text) == (422, True)


def test_whoever_reads_along_in_an_open_chat_adds_nobody_by_id(charlie, bob, alice):
    chat = Chat.start(alice.user, "For all", kind="open")
    db.session.commit()
    assert charlie.submit(f"/chats/{chat.id}/members", {"user_id": bob.id}).status_code == 403
