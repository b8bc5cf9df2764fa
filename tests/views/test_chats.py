import re

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, Membership
from chatapp.models.listed_chat import ListedChat
from chatapp.models.message import PAGE_SIZE
from chatapp.turbo.row_cache import RowCache
from tests.queries import messages_of, statements

SCRIPT = "<script>alert(1)</script>"


def only_chat() -> Chat:
    return db.session.scalars(select(Chat)).one()


# The list


def test_the_list_shows_the_chats_of_a_member(alice, chat):
    assert f'href="/chats/{chat.id}"' in alice.get("/").text


def test_the_list_shows_an_outsider_nothing(charlie, chat):
    answer = charlie.get("/")
    assert answer.status_code == 200
    assert f"/chats/{chat.id}" not in answer.text and "Plans" not in answer.text


def test_the_list_of_a_removed_member_has_lost_the_chat(removed, chat):
    assert f"/chats/{chat.id}" not in removed.get("/").text


def test_an_anonymous_visitor_is_asked_to_log_in_and_not_told_to_come_back_to_the_front_page(anonymous):
    answer = anonymous.get("/")
    assert (answer.status_code, answer.location) == (303, "/login")


def test_open_chats_are_offered_to_everybody_who_is_no_member(alice, charlie):
    Chat.start(alice.user, "For all", kind="open")
    db.session.commit()
    assert "Open chats you can join" in charlie.get("/").text
    assert "Open chats you can join" not in alice.get("/").text


def test_the_list_shows_who_spoke_last_and_what(alice, bob, chat):
    chat.post(bob.user, "Shall we **meet**?")
    db.session.commit()
    page = alice.get("/").text
    assert f'data-user-id="{bob.id}"><bdi class="chats__name">Bob</bdi>' in page and ": Shall we meet?</span>" in page


def test_a_deleted_message_is_not_the_last_one(alice, chat):
    chat.post(alice.user, "First")
    second = chat.post(alice.user, "Second")
    db.session.commit()
    second.delete()
    db.session.commit()
    page = alice.get("/").text
    assert "First" in page and "Second" not in page


# Starting one


def test_a_chat_is_closed_and_the_assistant_answers_where_nothing_else_is_said(alice):
    answer = alice.submit("/chats")
    chat = only_chat()
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}")
    assert (chat.title, chat.kind, chat.assistant) == ("", "closed", "always")


def test_who_starts_a_chat_is_its_first_member(alice):
    alice.submit("/chats", {"title": "Plans"})
    assert [membership.user_id for membership in only_chat().member_list()] == [alice.id]


# Nobody could see them in a list, click on them, or tell what they say.
UNSEEN = [{"title": title} for title in ("\u200b", "\u3164", "\u202eplans", "a" + "\u0301" * 40)]


@pytest.mark.parametrize(
    "form", [{"kind": "secret"}, {"assistant": "sometimes"}, {"title": "x" * 101}, {"title": "\0"}, *UNSEEN]
)
def test_what_is_no_chat_is_refused(alice, form):
    assert alice.submit("/chats", form).status_code == 422
    assert db.session.scalars(select(Chat)).all() == []


def test_a_title_of_exactly_the_limit_is_taken(alice):
    assert alice.submit("/chats", {"title": "x" * 100}).status_code == 303


def test_a_title_is_one_line(alice):
    alice.submit("/chats", {"title": "  two\r\nlines  "})
    assert only_chat().title == "two lines"


def test_an_anonymous_visitor_starts_no_chat(anonymous):
    assert anonymous.submit("/chats", {"title": "Plans"}).location == "/login"
    assert db.session.scalars(select(Chat)).all() == []


def test_the_form_is_for_those_who_are_logged_in(alice, anonymous):
    assert alice.get("/chats/new").status_code == 200
    assert anonymous.get("/chats/new").location == "/login?next=/chats/new"


# One chat


@pytest.mark.parametrize("path", ["", "/edit", "/members", "/messages?before=9"])
def test_whatever_is_below_a_chat_does_not_exist_for_outsiders(charlie, removed, chat, path):
    assert charlie.get(f"/chats/{chat.id}{path}").status_code == 404
    assert removed.get(f"/chats/{chat.id}{path}").status_code == 404


def test_a_chat_out_of_reach_looks_like_one_that_does_not_exist(charlie, chat):
    there, nowhere = charlie.get(f"/chats/{chat.id}"), charlie.get(f"/chats/{chat.id + 1000}")
    assert (there.status_code, without_nonce(there)) == (nowhere.status_code, without_nonce(nowhere))


def test_an_anonymous_visitor_can_not_tell_which_chats_exist(anonymous, chat):
    there, nowhere = anonymous.get(f"/chats/{chat.id}"), anonymous.get("/chats/7777")
    assert (there.status_code, there.location) == (303, f"/login?next=/chats/{chat.id}")
    assert (nowhere.status_code, nowhere.location) == (303, "/login?next=/chats/7777")


def test_a_script_of_an_anonymous_visitor_gets_401(anonymous, chat):
    answer = anonymous.turbo("GET", f"/chats/{chat.id}")
    assert (answer.status_code, answer.text) == (401, "You have been logged out. Log in again.")


@pytest.mark.parametrize("id", [0, 2**31, 2**63, 10**40])
def test_a_number_that_is_no_id_of_a_database_is_404(alice, id):
    assert alice.get(f"/chats/{id}").status_code == 404


def test_the_page_carries_the_revision_it_shows(alice, chat):
    chat.post(alice.user, "Hello")
    db.session.commit()
    assert f'"/chats/{chat.id}/stream?revision={chat.revision}"' in alice.get(f"/chats/{chat.id}").text


def test_the_revision_of_the_page_is_read_before_its_messages(app, alice, chat):
    """What is written between the two reads is in the page and comes again; the other way round it would be lost."""
    id, bob_writes = chat.id, []

    def write_meanwhile(page, **options):
        chat = db.session.get(Chat, id)
        if not bob_writes:
            with app.app_context():
                other = db.session.get(Chat, id)
                bob_writes.append(other.post(other.creator, "In between").id)
                db.session.commit()
        return original(chat, **options)

    original, Chat.page_of_messages = Chat.page_of_messages, write_meanwhile
    try:
        page = alice.get(f"/chats/{id}").text
    finally:
        Chat.page_of_messages = original
    assert "In between" in page and f"revision={chat.revision - 1}" in page


def test_an_empty_chat_has_no_message_and_no_pager(alice, chat):
    page = alice.get(f"/chats/{chat.id}").text
    assert "<article id=" not in page and not re.search("messages_before_[1-9]", page)


def test_an_open_chat_can_be_read_by_everybody_and_offers_to_join(charlie, alice):
    chat = Chat.start(alice.user, "For all", kind="open")
    db.session.commit()
    assert ">Join<" in charlie.get(f"/chats/{chat.id}").text
    assert (
        f'id="member_{charlie.user.id}_chat_{chat.id}" class="standing" data-revision="0" hidden'
        in charlie.get(f"/chats/{chat.id}").text
    )
    assert 'class="standing" data-revision="1" data-member data-manager hidden' in alice.get(f"/chats/{chat.id}").text


def test_a_script_in_a_title_or_a_name_stays_text(alice, chat, person):
    chat.title = SCRIPT
    mallory = person("Mallory").user
    chat.admit(mallory)
    chat.post(mallory, "Hello")
    mallory.name = SCRIPT
    db.session.commit()
    for path in ("", "/members", "/edit"):
        page = alice.get(f"/chats/{chat.id}{path}").text
        assert SCRIPT not in page and "&lt;script&gt;" in page


# Its settings


def test_a_member_gives_the_chat_another_name(bob, chat):
    answer = bob.submit(f"/chats/{chat.id}", {"title": "Better plans", "kind": "closed"}, method="PATCH")
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}")
    assert (chat.title, chat.assistant) == ("Better plans", "never")


def test_patch_itself_works_as_well_as_the_forms_of_it(bob, chat):
    assert bob.turbo("PATCH", f"/chats/{chat.id}", {"title": "Better plans"}).status_code == 303
    assert chat.title == "Better plans"


def test_settings_that_are_none_are_refused(bob, chat):
    assert bob.submit(f"/chats/{chat.id}", {"title": "x" * 101}, method="PATCH").status_code == 422
    assert chat.title == "Plans"


def test_outsiders_change_nothing(charlie, removed, anonymous, chat):
    for visitor, status in ((charlie, 404), (removed, 404), (anonymous, 303)):
        assert visitor.submit(f"/chats/{chat.id}", {"title": "Mine"}, method="PATCH").status_code == status
    assert chat.title == "Plans"


def test_who_has_not_joined_an_open_chat_may_not_change_it(alice, charlie):
    chat = Chat.start(alice.user, "For all", kind="open")
    db.session.commit()
    for answer in (charlie.get(f"/chats/{chat.id}/edit"), charlie.submit(f"/chats/{chat.id}", method="PATCH")):
        assert (answer.status_code, "Join this chat first" in answer.text) == (403, True)
        assert ">Join<" in answer.text


def test_a_post_without_a_method_is_not_possible(alice, chat):
    answer = alice.submit(f"/chats/{chat.id}", {"title": "Mine"})
    assert answer.status_code == 405
    assert chat.title == "Plans"


def test_memberships_survive_a_change_of_settings(bob, chat):
    bob.submit(f"/chats/{chat.id}", {"title": "Better plans"}, method="PATCH")
    members = db.session.scalars(select(Membership.user_id).filter_by(chat_id=chat.id))
    assert set(members) == {chat.creator_id, bob.id}


def without_nonce(answer) -> str:
    return re.sub(r'(csp-nonce|csrf-token)" content="[^"]+"|csrf_token" value="[^"]+"', "", answer.text)


def test_only_who_manages_a_chat_opens_it_to_everybody(alice, bob, charlie, chat):
    form = {"title": "Plans", "kind": "open", "assistant": "always"}
    assert bob.submit(f"/chats/{chat.id}", form, method="PATCH").status_code == 303
    assert (chat.kind, chat.assistant) == ("closed", "never")
    assert charlie.get(f"/chats/{chat.id}").status_code == 404
    assert alice.submit(f"/chats/{chat.id}", form, method="PATCH").status_code == 303
    assert (chat.kind, chat.assistant) == ("open", "always")


def test_a_page_asks_the_database_six_times_with_something_unread_too(alice, bob, chat):
    for number in range(3):
        chat.post(bob.user, f"Number {number}")
        Chat.start(alice.user, f"Other {number}")
    db.session.commit()
    for unread in (1, 0):
        ListedChat.of(alice.user, chat).read(newest(chat) - unread)
        db.session.commit()
        assert len(asked_for(alice, chat)) == 6


def test_what_was_read_long_ago_takes_two_more(alice, bob, chat):
    for number in range(PAGE_SIZE + 3):
        chat.post(bob.user, f"Number {number}")
    db.session.commit()
    assert len(asked_for(alice, chat)) == 8


def newest(chat: Chat) -> int:
    return messages_of(chat)[-1].id


def asked_for(visitor, chat: Chat) -> list:
    """What a page asks the database whose messages the process remembers."""
    address = f"/chats/{chat.id}"
    visitor.get(address)
    with statements() as seen:
        assert "Number 2" in visitor.get(address).text
    return seen


def test_a_header_that_another_process_has_changed_is_rendered_anew(app, monkeypatch, alice, chat):
    rows, address = RowCache(2**20), f"/chats/{chat.id}"
    monkeypatch.setitem(app.extensions, "turbo.rows", rows)
    alice.get(address)
    monkeypatch.setitem(app.extensions, "turbo.rows", RowCache(2**20))  # that of the other process
    chat.title = "Another name"
    db.session.commit()
    monkeypatch.setitem(app.extensions, "turbo.rows", rows)
    assert '<h1 class="chat__title" dir="auto">Another name</h1>' in alice.get(address).text
