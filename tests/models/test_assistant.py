"""The settings of assistants."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Assistant, User
from chatapp.models.assistant import READ_BY_ITSELF, UNKNOWN_WINDOW, NameTaken, Setup, sealed

SECRET = "a long random text"


@pytest.fixture
def coder(app) -> Assistant:
    key = sealed("sk-secret", SECRET)
    coder = Assistant.add("Coder", base_url="http://localhost:1/v1", model="coder-1", sealed_key=key)
    db.session.commit()
    return coder


def test_it_is_an_account_of_its_own_kind_that_nobody_can_log_in_to(coder):
    user = coder.user
    assert (user.kind, user.added, user.active, user.email, user.password_hash) == ("assistant", True, True, None, None)
    assert User.assistant() != user and not User.assistant().added


@pytest.mark.parametrize("name", ["Coder", "coder", "C0der", "Сoder", "Assistant", "assistаnt", "Alice", "ALICE"])
def test_no_two_names_look_alike(coder, alice, name):
    with pytest.raises(NameTaken):
        Assistant.add(name, model="x")
    assert Assistant.named_like(name) or name.lower() == "alice"


def test_it_can_keep_its_name_and_take_another_one(coder, alice):
    coder.change("Coder", model="coder-2")
    coder.change("Programmer")
    with pytest.raises(NameTaken):
        coder.change("Alice")
    db.session.commit()
    assert (coder.user.name, coder.model, coder.user.look) == ("Programmer", "coder-2", 1)
    assert Assistant.named_like("Coder") is None


def test_a_retired_one_keeps_its_name_and_comes_back(coder):
    coder.retire()
    assert not coder.user.active and Assistant.named_like("Coder")
    coder.bring_back()
    assert coder.user.active


def test_the_key_is_in_no_repr_and_not_in_the_database(coder):
    setup = coder.setup(SECRET)
    assert setup.api_key == "sk-secret" and "sk-secret" not in repr(setup) + str(setup) + repr(coder)
    assert "sk-secret" not in str(db.session.execute(select(Assistant.__table__)).all())


def test_another_secret_loses_the_key_and_nothing_else(coder):
    setup = coder.setup("another")
    assert (setup.api_key, setup.key_is_lost, setup.model) == ("", True, "coder-1")
    assert not coder.setup(SECRET).key_is_lost


def test_the_window_is_what_an_administrator_says_then_the_server_then_the_name(coder):
    assert coder.setup(SECRET).context_tokens == UNKNOWN_WINDOW
    coder.told_tokens = 16_384
    assert coder.setup(SECRET).context_tokens == 16_384
    coder.context_tokens = 100_000
    assert coder.setup(SECRET).context_tokens == 100_000
    coder.context_tokens, coder.told_tokens, coder.model = None, None, "gpt-4.1"
    assert coder.setup(SECRET).context_tokens == READ_BY_ITSELF
    coder.base_url = "http://localhost:11434/v1"  # Ollama
    assert coder.setup(SECRET).context_tokens == UNKNOWN_WINDOW


def test_another_model_or_server_has_to_tell_its_window_anew(coder):
    for setting, value in (("instructions", "Be brief."), ("model", "coder-2"), ("base_url", "http://localhost:2/v1")):
        coder.told_tokens = 16_384
        coder.change("Coder", **{setting: value})
        assert coder.told_tokens == (16_384 if setting == "instructions" else None)


def test_the_built_in_one_has_the_settings_of_the_environment_until_it_has_its_own(app, monkeypatch):
    monkeypatch.setitem(app.config, "ASSISTANT_MODEL", "smollm2")
    monkeypatch.setitem(app.config, "OPENAI_API_KEY", "sk-env")
    user = User.assistant()
    setup = Setup.of(user, app.config)
    assert (setup.model, setup.context_tokens, setup.api_key) == ("smollm2", 2_048, "sk-env")
    own = Assistant.edit_built_in("Robin", model="other", base_url="http://localhost:1/v1")
    setup = Setup.of(user, app.config)
    assert (user.name, user.added, setup.model, setup.api_key) == ("Robin", False, "other", "")
    assert Assistant.edit_built_in("Robin", model="another") is own and own.model == "another"
    own.forget()
    db.session.flush()
    assert (user.name, Setup.of(user, app.config).model) == ("Assistant", "smollm2")


@pytest.mark.parametrize(("context", "reply", "budget"), [(8_000, 2_000, 6_000), (2_000, 3_000, 1_000)])
def test_what_is_read_leaves_room_for_the_reply(context, reply, budget):
    assert Setup("", "m", "", context, reply, "").budget == budget


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("", "api.openai.com"),
        ("http://localhost:11434/v1", "localhost:11434"),
        ("https://user:pw@llm.example/v1", "llm.example"),
        ("http://[", ""),
    ],
)
def test_people_see_the_host_alone(base_url, host):
    assert Setup(base_url, "m", "", 1, 1, "").host == host


def test_it_sees_pictures_where_somebody_says_so_or_its_model_is_known_to(app, coder, monkeypatch):
    def sees(model: str, said: bool | None) -> bool:
        coder.model, coder.sees_pictures = model, said
        db.session.commit()
        return Setup.of(coder.user, app.config).sees

    assert [sees("gpt-4o", said) for said in (None, True, False)] == [True, True, False]
    assert [sees("coder-1", said) for said in (None, True, False)] == [False, True, False]
    monkeypatch.setitem(app.config, "ASSISTANT_MODEL", "gpt-4o")
    assert [sees("", said) for said in (None, True, False)] == [True, True, False]
    assert Setup.of(User.assistant(), app.config).sees
    monkeypatch.setitem(app.config, "ASSISTANT_MODEL", "smollm2")
    assert not sees("", None) and not Setup.of(User.assistant(), app.config).sees
