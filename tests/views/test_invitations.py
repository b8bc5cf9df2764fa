import re
import threading

import pytest
from sqlalchemy import func, select

from chatapp.authentication import setup_token
from chatapp.extensions import db
from chatapp.models import Admission, Invitation, Membership, User
from tests.visitors import PASSWORD, Visitor, start_over


def invite(visitor, chat=None, **form) -> str:
    """Make an invitation as the page does; returns the path of its link."""
    answer = visitor.submit("/invitations", {"chat_id": chat.id if chat else "", "days": "7", "uses": "1", **form})
    assert answer.status_code == 303, answer.text
    return re.search(r'value="http://[^/]+(/invitations/[^"]+)"', visitor.get(answer.location).text)[1]


def sign_up(visitor, name: str, link: str | None = None, **form):
    token = {"invitation": link.rpartition("/")[2]} if link else {}
    email = f"{name.lower()}@example.com"
    return visitor.submit("/signup", {"name": name, "email": email, "password": PASSWORD, **token, **form})


def decide(signup: str = "open", domains: str = "", inviters: str = "everybody") -> None:
    Admission.decide(signup, domains, inviters)
    db.session.commit()


@pytest.fixture
def link(alice, chat, admin) -> str:
    return invite(alice, chat)


def members(chat) -> int:
    return db.session.scalar(select(func.count()).where(Membership.chat_id == chat.id))


def test_a_new_person_signs_up_by_the_link_and_lands_in_the_chat(link, chat, anonymous):
    assert anonymous.get(link).location == f"/signup?invitation={link.rpartition('/')[2]}"
    page = anonymous.get(anonymous.get(link).location).text
    assert "Alice" in page and "Plans" in page
    assert sign_up(anonymous, "Dora", link).location == f"/chats/{chat.id}"
    assert anonymous.get(f"/chats/{chat.id}").status_code == 200


def test_somebody_with_an_account_logs_in_by_the_link_and_lands_in_the_chat(link, chat, charlie, client):
    form = {"email": "charlie@example.com", "password": PASSWORD, "invitation": link.rpartition("/")[2]}
    assert client().submit("/login", form).location == f"/chats/{chat.id}"
    assert charlie.get(f"/chats/{chat.id}").status_code == 200


def test_to_open_the_link_uses_nothing_up_and_a_click_comes_in(link, chat, charlie):
    for _ in range(3):
        assert "Come in" in charlie.get(link).text
    assert members(chat) == 2
    assert charlie.submit(link).location == f"/chats/{chat.id}"
    assert members(chat) == 3


def test_what_has_ended_lets_nobody_in_and_looks_like_what_never_was(link, charlie, person, client):
    charlie.submit(link)
    dora = person("Dora")
    for path in (link, "/invitations/1-x", "/invitations/x", "/invitations/99999999999999-x", link[:-1]):
        assert dora.get(path).status_code == dora.submit(path).status_code == 404
        assert client().get(path).status_code == 404
    form = {"email": "dora@example.com", "password": PASSWORD, "invitation": link.rpartition("/")[2]}
    assert client().submit("/login", form).location == "/"


def test_the_link_has_ended_for_somebody_who_was_removed_and_not_for_others(alice, bob, charlie, chat, client):
    link = invite(alice, chat, uses="10")
    alice.submit(f"/chats/{chat.id}/members/{bob.id}", method="DELETE")
    for answer in (bob.submit(link), bob.get(link)):
        assert answer.status_code == 404 and "This invitation has ended" in answer.text and "Plans" not in answer.text
    form = {"email": "bob@example.com", "password": PASSWORD, "invitation": link.rpartition("/")[2]}
    assert client().submit("/login", form).location == "/"
    assert bob.get(f"/chats/{chat.id}").status_code == 404
    assert charlie.submit(link).location == f"/chats/{chat.id}"


def test_two_at_once_never_take_the_last_use(app, link, chat, person):
    people = [person(name).user for name in ("Dora", "Eve", "Fay", "Gus")]
    browsers = [Visitor(app, user) for user in people]
    assert all(browser.token for browser in browsers)
    together, answers = threading.Barrier(4), []

    def run(browser) -> None:
        together.wait()
        answers.append(browser.submit(link).status_code)

    threads = [threading.Thread(target=run, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    start_over()
    assert sorted(answers) == [303, 404, 404, 404]
    assert members(chat) == 3 and db.session.scalars(select(Invitation.uses)).all() == [1]


def test_an_address_that_is_taken_uses_nothing_up(link, charlie, client):
    assert sign_up(client(), "Charlie", link).status_code == 422
    assert db.session.scalars(select(Invitation.uses)).all() == [0]


def test_only_chats_of_ones_own_are_led_into(charlie, bob, chat):
    assert charlie.submit("/invitations", {"chat_id": chat.id, "days": "7", "uses": "1"}).status_code == 422
    assert "Plans" not in charlie.get(f"/invitations?chat_id={chat.id}").text
    assert f'selected value="{chat.id}"' in bob.get(f"/invitations?chat_id={chat.id}").text


@pytest.mark.parametrize("form", [{"uses": "0"}, {"uses": "1001"}, {"uses": "x"}, {"uses": ""}, {"days": "365"}])
def test_an_invitation_has_an_end_and_a_number_of_uses(alice, form):
    answer = alice.submit("/invitations", {"days": "7", "uses": "1", **form})
    assert answer.status_code == 422 and "field__errors" in answer.text


def test_it_is_taken_back_by_whoever_made_it_or_by_an_administrator(link, alice, bob, admin, anonymous):
    path = f"/invitations/{db.session.scalars(select(Invitation.id)).one()}"
    assert bob.get(path).status_code == bob.submit(path, method="DELETE").status_code == 404
    assert anonymous.get(link).status_code == 303
    assert admin.submit(path, method="DELETE").location == "/invitations"
    assert anonymous.get(link).status_code == 404
    assert "has ended" in alice.get(path).text


def test_an_administrator_sees_neither_the_link_of_another_person_nor_the_chat(link, admin):
    path = f"/invitations/{db.session.scalars(select(Invitation.id)).one()}"
    for page in (admin.get(path).text, admin.get("/invitations").text):
        assert "Alice" in page and link not in page and "Plans" not in page


def test_the_database_does_not_hold_the_link(link):
    invitation = db.session.scalars(select(Invitation)).one()
    assert invitation.nonce not in link


# Who may sign up


def test_by_invitation_nobody_signs_up_without_one(link, anonymous, client):
    decide("invitation")
    assert "By invitation" in anonymous.get("/signup").text
    assert "Create an account" not in anonymous.get("/login").text
    assert sign_up(anonymous, "Dora").status_code == 422
    assert sign_up(client(), "Dora", link).status_code == 303
    assert sign_up(client(), "Eve", link).status_code == 422
    assert db.session.scalar(select(func.count(User.id)).where(User.name.in_(["Dora", "Eve"]))) == 1


def test_addresses_of_other_domains_need_an_invitation(link, admin, client):
    decide("domains", "example.org")
    answer = sign_up(client(), "Dora")
    assert (answer.status_code, "Sign-up is for addresses at example.org" in answer.text) == (422, True)
    assert sign_up(client(), "Eve", email="eve@Example.org").status_code == 303
    assert sign_up(client(), "Dora", link).status_code == 303


def test_only_administrators_decide(admin, alice, anonymous):
    form = {"signup": "domains", "domains": "@Example.com, bücher.example", "inviters": "admins"}
    assert alice.submit("/admission", form).status_code == 404
    assert anonymous.submit("/admission", form).location == "/login"
    assert admin.submit("/admission", form).location == "/invitations"
    now = Admission.now()
    assert (now.signup, now.domains, now.inviters) == ("domains", "example.com xn--bcher-kva.example", "admins")
    assert alice.get("/invitations").status_code == alice.submit("/invitations", {"uses": "1"}).status_code == 403
    assert "/invitations" not in alice.get("/").text


@pytest.mark.parametrize("domains", ["", "nonsense", "a\0b.example", "https://example.com"])
def test_what_is_no_domain_is_refused(admin, domains):
    answer = admin.submit("/admission", {"signup": "domains", "domains": domains, "inviters": "admins"})
    assert answer.status_code == 422 and Admission.now().signup == "open"


def test_the_first_administrator_is_led_to_the_place_and_decides_who_can_sign_up(client):
    browser = client()
    answer = sign_up(browser, "Ada", setup_token=setup_token())
    assert answer.location == "/place"
    assert "Who can sign up?" in browser.get("/invitations").text
    assert sign_up(client(), "Bob").location == "/"
