from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Session, User


def found(query) -> list:
    return list(db.session.scalars(query))


def test_a_password_is_kept_as_a_hash_that_takes_work_to_guess(app):
    user = User.sign_up("Dora", "Dora@Example.com ", "long enough")
    assert user.email == "dora@example.com"
    assert user.password_hash.startswith("$argon2id$") and "long enough" not in user.password_hash


def test_two_people_with_one_password_have_two_hashes(app):
    assert len({User.sign_up("D", f"{name}@example.com", "long enough").password_hash for name in "ab"}) == 2


def test_there_is_one_assistant(app):
    assert User.assistant() is User.assistant()
    assert User.assistant().kind == "assistant"


def test_users_are_equal_only_to_themselves(alice, bob):
    assert alice.user != bob.user
    assert alice.user in [bob.user, alice.user]


def test_who_may_do_what_to_a_message(alice, bob, admin, chat):
    message = chat.post(alice.user, "Hello")
    db.session.commit()
    assert [user.user.can_edit(message) for user in (alice, bob, admin)] == [True, False, False]
    assert [user.user.can_delete(message) for user in (alice, bob, admin)] == [True, False, True]
    assert [user.user.can_manage(chat) for user in (alice, bob, admin)] == [True, False, True]


def test_deactivating_logs_out_everywhere_and_keeps_what_was_written(client, alice, chat):
    message = chat.post(alice.user, "Hello")
    db.session.commit()
    other = client(alice.user)
    alice.user.deactivate()
    db.session.commit()
    assert found(select(Session).filter_by(user_id=alice.id)) == []
    assert other.get("/").status_code == 303
    assert (message.content, alice.user.is_active) == ("Hello", False)
