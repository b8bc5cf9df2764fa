import pytest

from chatapp.extensions import db, turbo


def test_a_card_says_who_that_is_and_leads_to_a_direct_chat(alice, bob):
    bob.user.about, bob.user.time_zone = "Here <b>to</b> help", "Asia/Kolkata"
    db.session.commit()
    page = alice.get(f"/users/{bob.id}").text
    assert "Here &lt;b&gt;to&lt;/b&gt; help" in page and "local time" in page
    assert f'name="user_ids" value="{bob.id}"' in page and "bob@example.com" not in page


def test_ones_own_card_leads_to_the_profile(alice):
    page = alice.get(f"/users/{alice.id}").text
    assert "Change your profile" in page and "Block" not in page


def test_a_closed_account_can_not_be_written_to(alice, bob):
    bob.user.deactivate()
    db.session.commit()
    page = alice.get(f"/users/{bob.id}").text
    assert "This account is closed" in page and "Write to Bob" not in page


def test_there_is_no_card_of_nobody_and_for_nobody(alice, anonymous):
    assert alice.get("/users/999999").status_code == 404
    assert anonymous.get(f"/users/{alice.id}").status_code == 303


# The profile


def test_a_line_about_oneself_and_a_time_zone_are_kept(alice):
    form = {"theme": "dark", "clock": "12", "about": "  Ask me   about tea ", "time_zone": "Europe/Berlin"}
    assert alice.submit("/profile", form).status_code == 303
    db.session.refresh(alice.user)
    assert (alice.user.about, alice.user.time_zone) == ("Ask me about tea", "Europe/Berlin")


def test_the_form_of_the_previous_release_changes_neither(alice):
    alice.user.about, alice.user.time_zone = "Tea", "Europe/Berlin"
    db.session.commit()
    assert alice.submit("/profile", {"theme": "dark", "clock": "24"}).status_code == 303
    db.session.refresh(alice.user)
    assert (alice.user.about, alice.user.time_zone, alice.user.theme) == ("Tea", "Europe/Berlin", "dark")


@pytest.mark.parametrize("form", [{"about": "x" * 141}, {"about": "a\0b"}, {"time_zone": "Mars/Base"}])
def test_what_is_no_line_and_no_zone_is_refused(alice, form):
    answer = alice.submit("/profile", {"theme": "dark", "clock": "24", **form})
    assert answer.status_code == 422 and "field__errors" in answer.text


def test_the_zone_of_the_browser_counts_as_long_as_none_is_chosen(alice):
    for zone in ("Europe/Berlin", "Asia/Tokyo"):
        assert alice.submit("/time_zones", {"time_zone": zone}).status_code == 204
    db.session.refresh(alice.user)
    assert alice.user.time_zone == "Europe/Berlin"
    assert alice.submit("/time_zones", {"time_zone": "../etc/passwd"}).status_code == 422


def test_a_hidden_time_stays_hidden(alice, bob):
    bob.submit("/profile", {"theme": "dark", "clock": "24", "time_zone": "hidden"})
    bob.submit("/time_zones", {"time_zone": "Europe/Berlin"})
    assert "local time" not in alice.get(f"/users/{bob.id}").text


# Presence


@pytest.fixture
def open_page(app, bob):
    """Bob has a page open."""
    turbo.owners.note({f"user:{bob.id}"})


def test_whoever_has_a_page_open_is_here(alice, bob, chat, open_page):
    for path in (f"/users/{bob.id}", f"/chats/{chat.id}/members"):
        assert alice.get(path).text.count("Here now") == 1, path
    assert "Here now" not in alice.get(f"/users/{alice.id}").text
    for path in ("/people?q=bo", "/directs/new", "/directs/new?q=bob"):
        assert alice.get(path).text.count('title="Here now"') == 1, path


def test_a_stream_says_that_its_reader_is_here(alice, bob):
    assert bob.get(f"/stream?user:{bob.id}=0&wait=0").status_code == 200
    assert "Here now" in alice.get(f"/users/{bob.id}").text


def test_whoever_hides_it_is_not_seen(alice, bob, chat, open_page):
    bob.submit("/profile", {"theme": "dark", "clock": "24", "presence": "hidden"})
    for path in (f"/users/{bob.id}", f"/chats/{chat.id}/members"):
        assert "Here now" not in alice.get(path).text


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_block_hides_both_from_each_other(request, alice, bob, chat, open_page, who):
    turbo.owners.note({f"user:{alice.id}"})
    blocker, blocked = (alice, bob) if who == "alice" else (bob, alice)
    blocker.submit(f"/users/{blocked.id}/blocks")
    for visitor, other in ((alice, bob), (bob, alice)):
        for path in (f"/users/{other.id}", f"/chats/{chat.id}/members"):
            assert "Here now" not in visitor.get(path).text


def test_without_redis_the_page_says_that_it_is_not_known(alice, bob, chat, open_page, dead_redis):
    for path, known in ((f"/users/{bob.id}", 0), (f"/chats/{chat.id}/members", 1)):
        answer = alice.get(path)
        assert (answer.status_code, "Here now" in answer.text) == (200, False)
        assert answer.text.count("Not known at the moment") == known
