from datetime import timedelta

import pytest

from chatapp.extensions import db
from chatapp.models import Admission, Chat, Invitation, User
from chatapp.models.departure import Departure
from chatapp.models.invitation import Spent

WEEK = timedelta(days=7)


@pytest.fixture
def invitation(alice, chat) -> Invitation:
    """For one person, to the chat of Alice and Bob."""
    made = Invitation.begin(alice.user, 1, WEEK, chat)
    db.session.commit()
    return made


@pytest.fixture
def links(alice, chat) -> Invitation:
    """For ten people, to the same chat."""
    made = Invitation.begin(alice.user, 10, WEEK, chat)
    db.session.commit()
    return made


def test_somebody_new_takes_a_use_and_comes_into_the_chat(invitation, chat, charlie, person):
    assert invitation.accept(charlie.user, is_new=True) is chat
    db.session.commit()
    assert chat.membership_of(charlie.user)
    db.session.refresh(invitation)
    with pytest.raises(Spent):
        invitation.accept(person("Dora").user)


def test_whoever_made_it_may_be_removed_while_somebody_comes_in(app, invitation, alice, charlie, chat, monkeypatch):
    ids, lock = (chat.id, alice.user.id), Chat.lock

    def removed_first(self: Chat) -> None:
        monkeypatch.setattr(Chat, "lock", lock)
        with app.app_context():
            same, user = db.session.get(Chat, ids[0]), db.session.get(User, ids[1])
            same.dismiss(same.membership_of(user))
            db.session.commit()
        self.lock()

    monkeypatch.setattr(Chat, "lock", removed_first)
    assert invitation.accept(charlie.user) is None
    db.session.commit()
    assert chat.membership_of(charlie.user) is None


def end(chat, visitor, by: str) -> None:
    if by == "leaving":
        assert Departure(chat, visitor.user).leave()
    else:
        chat.dismiss(chat.membership_of(visitor.user))
    db.session.commit()


def test_whoever_is_removed_from_a_closed_chat_stays_out_by_the_link_until_somebody_adds_them_again(links, bob, chat):
    end(chat, bob, by="removal")
    with pytest.raises(Spent):
        links.accept(bob.user)
    db.session.rollback()
    assert chat.membership_of(bob.user) is None and links.uses == 0
    chat.admit(bob.user)
    db.session.commit()
    end(chat, bob, by="leaving")
    assert links.accept(bob.user) is chat
    db.session.commit()
    end(chat, bob, by="removal")
    with pytest.raises(Spent):
        links.accept(bob.user)


def test_whoever_leaves_by_themselves_comes_back_by_the_link(links, bob, chat):
    end(chat, bob, by="leaving")
    assert links.accept(bob.user) is chat
    db.session.commit()
    assert chat.membership_of(bob.user)


def test_an_open_chat_takes_back_whoever_was_removed_as_it_does_without_a_link(links, bob, chat):
    end(chat, bob, by="removal")
    chat.kind = "open"
    db.session.commit()
    assert links.accept(bob.user) is chat


def test_somebody_may_be_removed_while_the_link_lets_them_in_again(app, links, bob, chat, monkeypatch):
    end(chat, bob, by="leaving")
    ids, lock = (chat.id, bob.user.id), Chat.lock

    def back_and_removed_first(self: Chat) -> None:
        monkeypatch.setattr(Chat, "lock", lock)
        with app.app_context():
            same, user = db.session.get(Chat, ids[0]), db.session.get(User, ids[1])
            same.admit(user)
            db.session.commit()
            same.dismiss(same.membership_of(user))
            db.session.commit()
        self.lock()

    monkeypatch.setattr(Chat, "lock", back_and_removed_first)
    with pytest.raises(Spent):
        links.accept(bob.user)


def test_members_take_no_use(invitation, bob, chat):
    assert invitation.accept(bob.user) is chat
    db.session.commit()
    db.session.refresh(invitation)
    assert invitation.uses == 0


def test_it_leads_nowhere_when_whoever_made_it_has_left_the_chat_or_archived_it(invitation, alice, chat):
    chat.archive()
    assert invitation.leads_to is None
    chat.bring_back()
    chat.dismiss(chat.membership_of(alice.user))
    db.session.flush()
    assert invitation.leads_to is None and invitation.works


@pytest.mark.parametrize("end", ["taken back", "over", "closed account", "no right any more"])
def test_it_works_until_it_ends(invitation, alice, charlie, end):
    if end == "taken back":
        invitation.take_back()
    elif end == "over":
        invitation.ends_at -= WEEK
    elif end == "closed account":
        alice.user.active = False
    else:
        Admission.decide("open", "", "admins")
    db.session.commit()
    assert not invitation.works and Invitation.made_by(alice.user) == []
    with pytest.raises(Spent):
        invitation.accept(charlie.user)


def test_it_is_for_whoever_made_it_and_for_administrators(invitation, alice, bob, admin):
    assert [Invitation.is_within_reach(invitation.id, who.user) for who in (alice, admin, bob)] == [True, True, False]


def test_as_long_as_nobody_has_decided_sign_up_is_open():
    admission = Admission(signup="open", domains="", inviters="everybody")
    assert admission.admits("anybody@example.com")


def test_a_domain_admits_its_own_addresses_and_no_others(app):
    Admission.decide("domains", "example.com example.org", "everybody")
    db.session.commit()
    now = Admission.now()
    admitted = ["a@example.com", "a@example.org", "a@sub.example.com", "a@notexample.com", "example.com"]
    assert [now.admits(address) for address in admitted] == [True, True, False, False, True]


def test_nothing_of_a_chat_is_lost_with_its_invitation(invitation, chat):
    db.session.delete(invitation)
    db.session.commit()
    assert db.session.get(Chat, chat.id)
