"""Leaving and archiving, on the screens of those who stay."""

from playwright.sync_api import expect

from .pages import PATIENCE, action, composer, message, say, sees


def test_the_last_one_archives_instead_and_brings_the_chat_back(alice):
    diary = alice.start_chat(title="Diary")
    page = alice.tab(diary)
    page.get_by_role("link", name="1 member").click()
    page.get_by_role("link", name="Leave").click()
    expect(page.get_by_role("button", name="Leave")).to_have_count(0)
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("heading", name="Archived chats")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Bring back Diary").click()
    expect(composer(page)).to_be_visible(timeout=PATIENCE)


def test_a_chat_that_is_archived_and_brought_back_is_so_on_every_screen_at_once(alice, bob, chat):
    reader = bob.tab(chat)
    assert alice.submit(f"/chats/{chat}/archives", {}).status_code == 303
    expect(composer(reader)).to_be_hidden(timeout=PATIENCE)
    reader.get_by_role("button", name="Bring it back").click()
    expect(composer(reader)).to_be_visible(timeout=PATIENCE)
    say(reader, "Back")
    sees(reader, "Back")


def test_in_an_archived_chat_a_message_can_be_deleted_and_not_edited(alice, chat):
    page = alice.tab(chat)
    say(page, "Mine")
    message(page, "Mine").hover()
    edit, delete = action(page, "Mine", "Edit"), action(page, "Mine", "Delete")
    expect(edit).to_be_visible(timeout=PATIENCE)
    assert alice.submit(f"/chats/{chat}/archives", {}).status_code == 303
    expect(edit).to_be_hidden(timeout=PATIENCE)
    expect(delete).to_be_visible()


def test_who_hands_a_chat_over_leaves_and_the_successor_manages_it(alice, bob, chat):
    page = alice.tab()
    page.goto(f"/chats/{chat}/members")
    page.get_by_role("link", name="Leave").click()
    page.get_by_label("Who manages it after you?").select_option("Bob")
    page.get_by_role("button", name="Hand over and leave").click()
    expect(page.get_by_text("You have left Plans.")).to_be_visible(timeout=PATIENCE)
    there = bob.tab()
    there.goto(f"/chats/{chat}/members")
    expect(there.get_by_role("main").get_by_role("listitem").filter(has_text="You")).to_contain_text("Manager")
