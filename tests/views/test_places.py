"""The name and the picture of the place: who chooses them, where they stand, and the first steps."""

import io
import logging
import re

import pytest
from sqlalchemy import select

from chatapp.authentication import setup_token
from chatapp.extensions import db, storage
from chatapp.models import Admission, Chat, Place, User
from tests.files import BOMBS, NEVER_INLINE, picture
from tests.queries import statements
from tests.visitors import start_over

HOSTILE = '<b>"Harbour"</b> & Co'
ESCAPED = "&lt;b&gt;&#34;Harbour&#34;&lt;/b&gt; &amp; Co"
WELCOME = "You are the administrator of this place."


def named(name: str) -> None:
    Place.rename(name)
    db.session.commit()


def send(visitor, data: bytes, name: str = "us.png"):
    return visitor.submit("/place/picture", {"_method": "patch", "picture": (io.BytesIO(data), name)})


def shown():
    start_over()
    return Place.now()


def address(visitor) -> str:
    return re.search(r'class="brand__mark" src="(/place/picture/\w+)"', visitor.get("/login").text)[1]


def test_an_administrator_names_the_place_and_sees_the_name_again(admin, chat):
    answer = admin.submit("/place", {"name": "  Café   Harbour "})
    assert (answer.status_code, answer.location) == (303, "/place")
    assert shown().name == "Café Harbour"
    page = admin.get("/place").text
    assert 'value="Café Harbour"' in page and "Saved." in page
    assert admin.open("PATCH", "/place", data={"name": "", "csrf_token": admin.token}).status_code == 303
    assert shown().name == "Plainwire"


def test_accents_are_kept_composed(admin):
    admin.submit("/place", {"name": "Cafe\u0301"})
    assert shown().name == "Caf\u00e9"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x" * 41, "40 characters"),
        ("Har\u202ebour", "can&#39;t be seen"),
        ("Har\u200bbour", "can&#39;t be seen"),
        ("Har\x07bour", "control character"),
        ("\ufe0f", "letter or digit"),
    ],
)
def test_a_name_that_people_can_not_read_is_refused_and_stays_in_the_form(admin, name, words):
    answer = admin.submit("/place", {"name": name})
    assert answer.status_code == 422
    assert words in answer.text and f'value="{name}"' in answer.text
    assert shown().name == "Plainwire"


def test_outsiders_and_members_find_no_such_page_and_change_nothing(alice, anonymous):
    assert alice.get("/place").status_code == 404
    assert alice.submit("/place", {"name": "Mine"}).status_code == 404
    assert send(alice, picture()).status_code == 404
    assert alice.submit("/place/picture", {"_method": "delete"}).status_code == 404
    assert anonymous.get("/place").location == "/login?next=/place"
    assert anonymous.submit("/place", {"name": "Mine"}).location == "/login"
    assert shown() == ("Plainwire", None)


def test_the_name_stands_escaped_on_every_kind_of_page(admin, alice, chat, anonymous):
    named(HOSTILE)
    pages = [alice.get(path) for path in ("/", f"/chats/{chat.id}", "/profile", "/no/such/page")]
    pages += [anonymous.get(path) for path in ("/login", "/signup")] + [admin.get("/place")]
    Admission.decide("invitation", "", "everybody")
    db.session.commit()
    pages.append(anonymous.get("/signup"))
    for page in pages:
        assert re.search(rf"<title>.+ · {re.escape(ESCAPED)}</title>", page.text), page.request.path
        assert f'<meta name="application-name" content="{ESCAPED}">' in page.text
        assert f'<span class="brand__name" dir="auto">{ESCAPED}</span>' in page.text
        assert HOSTILE not in page.text and "<b>" not in page.text


def test_pages_say_which_software_they_are_of_whatever_the_place_is_called(alice, anonymous):
    named("Harbour")
    for page in (alice.get("/"), anonymous.get("/login"), anonymous.get("/offline")):
        assert '<meta name="generator" content="Plainwire">' in page.text


def test_the_page_that_browsers_keep_for_an_outage_has_neither_name_nor_picture(admin, anonymous):
    named("Harbour")
    send(admin, picture())
    with statements() as seen:
        page = anonymous.get("/offline").text
    assert "Harbour" not in page and "/place/" not in page and "<rect" in page
    assert seen == []


def test_a_request_that_is_refused_early_asks_nothing_for_the_sake_of_the_place(anonymous):
    named("Harbour")
    with statements() as seen:
        answer = anonymous.open("POST", "/login")  # without the token of a form
    assert answer.status_code == 400 and "Plainwire" in answer.text and "Harbour" not in answer.text
    assert seen == []


def test_a_page_of_a_person_asks_the_database_nothing_for_the_place(alice):
    alice.get("/profile")
    with statements() as unnamed:
        alice.get("/profile")
    named("Harbour")
    with statements() as seen:
        assert "Harbour" in alice.get("/profile").text
    assert len(seen) == len(unnamed)
    assert sum("places" in sql for sql, _ in seen) == 1


def test_a_visitor_costs_one_statement(anonymous):
    with statements() as seen:
        anonymous.get("/login")
    assert sum("FROM places" in sql for sql, _ in seen) == 1


# The picture


def test_everybody_sees_the_picture_and_keeps_it(admin, alice, anonymous, chat):
    answer = send(admin, picture())
    assert (answer.status_code, answer.location) == (303, "/place")
    first = address(anonymous)
    assert f'src="{first}"' in alice.get("/").text and f'src="{first}"' in admin.get("/place").text
    answer = anonymous.get(first)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    send(admin, picture(colour="red"))
    assert address(anonymous) != first
    old = anonymous.get(first)  # of a page that slept
    assert old.status_code == 200 and old.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("data", [*BOMBS.values(), *NEVER_INLINE.values(), b"", b"text"])
def test_what_is_no_picture_or_a_bomb_is_refused_and_the_picture_stays(admin, data):
    send(admin, picture())
    before = shown()
    answer = send(admin, data)
    assert answer.status_code == 422 and 'id="picture_errors"' in answer.text
    assert shown() == before


def test_a_replaced_or_removed_picture_is_deleted_and_the_drawn_mark_is_back(admin, anonymous, work):
    keys = []
    for colour in ("red", "blue"):
        send(admin, picture(colour=colour))
        keys.append(shown().picture_key)
    work()
    with pytest.raises(FileNotFoundError):
        storage.open(keys[0])
    storage.open(keys[1]).close()
    path = address(anonymous)
    assert admin.submit("/place/picture", {"_method": "delete"}).location == "/place"
    work()
    with pytest.raises(FileNotFoundError):
        storage.open(keys[1])
    assert anonymous.get(path).status_code == 404
    assert "<rect" in anonymous.get("/login").text and "/place/picture/" not in anonymous.get("/login").text


def test_the_log_says_who_changed_what_and_not_to_what(admin, caplog):
    with caplog.at_level(logging.INFO):
        admin.submit("/place", {"name": "Harbour"})
        send(admin, b"text")
        send(admin, picture())
        admin.submit("/place/picture", {"_method": "delete"})
    lines = [record.getMessage() for record in caplog.records if "place" in record.getMessage()]
    events = [re.search(r"(?:name|picture) of the place \w+", line)[0] for line in lines]
    assert events == ["name of the place changed", "picture of the place changed", "picture of the place removed"]
    assert all(f"user {admin.id}" in line and "Harbour" not in line for line in lines)


# The first steps


def test_the_first_administrator_is_welcomed_and_led_on(client):
    ada = client()
    form = {"name": "Ada", "email": "ada@example.com", "password": "long enough", "setup_token": setup_token()}
    assert ada.submit("/signup", form).location == "/place"
    ada.log_in(db.session.scalar(select(User)))
    page = ada.get("/place").text
    assert WELCOME in page and "First steps" in page
    assert re.search(r'<a class="button" href="/invitations">Skip</a>', page)
    assert ada.submit("/place", {"name": "Harbour"}).location == "/invitations"
    page = ada.get("/invitations").text
    assert "First steps" in page and '<a class="button" href="/chats/new">Start a chat</a>' in page


def test_a_picture_in_the_first_steps_leads_back_to_the_name(admin):
    assert send(admin, picture()).location == "/place"
    assert WELCOME in admin.get("/place").text


def test_a_refused_name_in_the_first_steps_still_shows_them(admin):
    assert WELCOME in admin.submit("/place", {"name": "x" * 41}).text


def test_once_there_is_a_chat_the_steps_are_gone(admin, alice):
    Chat.start(alice.user, "Plans")
    db.session.commit()
    assert WELCOME not in admin.get("/place").text
    page = admin.get("/invitations").text
    assert "First steps" not in page and "Start a chat</a>" not in page.partition("<main")[2]


def test_other_people_get_no_steps(alice):
    assert "First steps" not in alice.get("/invitations").text


def test_administrators_find_the_page_from_the_list_of_chats(admin, alice):
    link = '<a href="/place">Name and picture</a>'
    assert link in admin.get("/").text and link not in alice.get("/").text
