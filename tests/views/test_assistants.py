"""The pages of assistants, which are for administrators."""

import io
import re

import pytest
from sqlalchemy import select

from chatapp.extensions import db, queue
from chatapp.models import Assistant, Chat, User
from chatapp.models.assistant import LOST_KEY, Setup, sealed
from tests.files import picture
from tests.provider import Failure
from tests.servers import free_port
from tests.visitors import start_over

FORM = {
    "name": "Coder",
    "model": "coder-1",
    "base_url": "http://localhost:11434/v1",
    "api_key": "",
    "instructions": "You write code.",
    "context_tokens": "",
    "reply_tokens": "1500",
}
KEY = "sk-secret-4711"


@pytest.fixture
def coder(app, provider) -> User:
    coder = Assistant.add("Coder", base_url=provider.url, model="coder-1", sealed_key=sealed(KEY, "test")).user
    db.session.commit()
    return coder


def own(user) -> Assistant:
    start_over()
    return db.session.get(Assistant, user.id)


def added(name: str = "Coder") -> User | None:
    start_over()
    return db.session.scalar(select(User).filter_by(name=name, kind="assistant"))


def edited(admin, user, **form):
    return admin.submit(f"/assistants/{user.id}", FORM | form, method="PATCH")


def key_of(user) -> str:
    return own(user).setup("test").api_key


@pytest.mark.parametrize(("said", "sees"), [("known", None), ("yes", True), ("no", False)])
def test_an_administrator_says_whether_it_sees_pictures(admin, coder, said, sees):
    edited(admin, coder, base_url=own(coder).base_url, sees_pictures=said)
    assert own(coder).sees_pictures is sees
    page = admin.get(f"/assistants/{coder.id}/edit").text
    assert f'name="sees_pictures" value="{said}" checked' in page


def test_a_page_from_before_that_does_not_know_the_question_saves_the_rest(admin, coder):
    edited(admin, coder, base_url=own(coder).base_url, name="Programmer")
    assert added("Programmer") and own(coder).sees_pictures is None


def test_the_page_says_what_the_name_of_the_model_tells(admin, coder):
    assert "coder-1 is not: it gets their names." in admin.get(f"/assistants/{coder.id}/edit").text
    own(coder).model = "gpt-4o"
    db.session.commit()
    assert "gpt-4o is." in admin.get(f"/assistants/{coder.id}/edit").text
    assert "Many well-known models are." in admin.get("/assistants/new").text


def test_another_answer_is_refused(admin, coder):
    assert edited(admin, coder, base_url=own(coder).base_url, sees_pictures="maybe").status_code == 422


# Who may


def test_only_administrators_see_them(alice, anonymous, admin, coder):
    paths = ("/assistants", "/assistants/new", f"/assistants/{coder.id}/edit")
    for path in paths:
        assert alice.get(path).status_code == 404 and anonymous.get(path).location.startswith("/login")
        assert admin.get(path).status_code == 200
    assert alice.submit("/assistants", FORM | {"name": "Mine"}).status_code == 404
    for path in ("", "/greetings", "/retirements", "/retirement", "/portrait"):
        assert alice.submit(f"/assistants/{coder.id}{path}", FORM, method="PATCH").status_code in (404, 405)
    assert "/assistants" not in alice.get("/").text and "/assistants" in admin.get("/").text
    assert "/assistants" not in alice.get("/profile").text and "/assistants" in admin.get("/profile").text


def test_people_are_no_assistants(admin, alice):
    assert admin.get(f"/assistants/{alice.id}/edit").status_code == 404
    assert edited(admin, alice).status_code == 404


# The list


def test_where_there_is_only_the_built_in_one_the_list_says_what_others_are_for(admin):
    page = admin.get("/assistants").text
    assert "Built in" in page and "from the environment" in page and "There is no other one yet" in page
    assert admin.get(re.search(r'href="(/assistants/\d+/edit)"', page)[1]).status_code == 200


def test_the_list_shows_model_and_host_and_no_key(admin, coder):
    page = admin.get("/assistants").text
    assert "coder-1" in page and "127.0.0.1" in page and KEY not in page and "There is no other one" not in page


# Adding


def test_one_is_added_and_its_key_is_kept_encrypted(admin):
    answer = admin.submit("/assistants", FORM | {"api_key": KEY})
    coder = added()
    assert (answer.status_code, answer.location) == (303, f"/assistants/{coder.id}/edit")
    settings = own(coder)
    assert (settings.model, settings.base_url, settings.reply_tokens) == ("coder-1", FORM["base_url"], 1500)
    assert KEY not in settings.sealed_key and key_of(coder) == KEY
    page = admin.get(answer.location).text
    assert "Coder is here" in page and "A key is saved" in page and KEY not in page
    assert any("measure" in id for id in queue.rq.job_ids)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "", "Give it a name."),
        ("name", "x" * 61, "longer than 60"),
        ("name", "Аssistant", "People could take this for Assistant."),
        ("name", "ALlCE", "People could take this for Alice."),
        ("name", "All", "@all means everybody."),
        ("name", "a\u200bb", "be seen"),
        ("model", " ", "Enter the model, too."),
        ("base_url", "localhost:11434", "begins with http:// or https://"),
        ("base_url", "http://me:pw@localhost/v1", "begins with http:// or https://"),
        ("base_url", "file:///etc/passwd", "begins with http:// or https://"),
        ("base_url", "http://[", "begins with http:// or https://"),
        ("base_url", "http://a:99999", "begins with http:// or https://"),
        ("base_url", "http://localhost/v1?x=1", "begins with http:// or https://"),
        ("api_key", "with a space", "A key has no spaces"),
        ("api_key", "sk-é", "A key has no spaces"),
        ("instructions", "x" * 8001, "longer than 8000"),
        ("context_tokens", "511", "Enter a number from 512"),
        ("context_tokens", "many", "Not a valid integer value."),
        ("reply_tokens", "", "Enter a number from 16"),
        ("reply_tokens", "15", "Enter a number from 16"),
        ("reply_tokens", "2049", "Enter 2,048 at most."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(admin, alice, field, value, reason):
    answer = admin.submit("/assistants", FORM | {field: value})
    assert answer.status_code == 422 and reason in answer.text.replace("&#39;", "'")
    for name, typed in (FORM | {field: value}).items():
        if typed.strip() and name != "api_key" and "\u200b" not in typed:
            assert typed in answer.text, name
    assert added() is None


def test_a_refused_form_keeps_the_key_and_shows_it_to_nobody(admin, person, alice):
    answer = admin.submit("/assistants", FORM | {"name": "", "api_key": KEY})
    assert KEY not in answer.text and "just typed is kept" in answer.text
    kept = re.search(r'name="kept_key" value="([^"]+)"', answer.text)[1]
    # It is of use to this administrator alone.
    other = person("Olga", admin=True)
    assert other.submit("/assistants", FORM | {"kept_key": kept}).status_code == 422
    assert admin.submit("/assistants", FORM | {"kept_key": kept}).status_code == 303
    assert key_of(added()) == KEY


def test_what_the_database_has_can_not_be_sent_as_a_key_that_was_kept(admin, coder):
    answer = admin.submit("/assistants", FORM | {"name": "Spy", "kept_key": own(coder).sealed_key})
    assert answer.status_code == 422 and "Type it again" in answer.text and added("Spy") is None


@pytest.mark.parametrize(
    ("typed", "saved"),
    [
        ("", ""),
        (" http://localhost:8080/v1/ ", "http://localhost:8080/v1"),
        ("https://llm.example/v1/chat/completions", "https://llm.example/v1"),
        ("http://192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_addresses_of_ones_own_network_are_taken(admin, typed, saved):
    assert admin.submit("/assistants", FORM | {"base_url": typed}).status_code == 303
    assert own(added()).base_url == saved


def test_one_shares_the_model_of_the_built_in_one_with_instructions_of_its_own(admin, app, provider):
    shared = {"model": "", "base_url": "", "instructions": "Be brief.", "reply_tokens": "300"}
    assert admin.submit("/assistants", FORM | shared).status_code == 303
    coder = added()
    setup, built_in = Setup.of(coder, app.config), Setup.of_environment(app.config)
    assert (setup.model, setup.base_url, setup.api_key) == (built_in.model, built_in.base_url, built_in.api_key)
    assert (setup.instructions, setup.reply_tokens) == ("Be brief.", 300)
    assert "shared with the built-in one" in admin.get("/assistants").text
    assert "All right." in admin.submit(f"/assistants/{coder.id}/greetings").text


def test_the_built_in_one_needs_a_model(admin):
    user = User.assistant()
    db.session.commit()
    assert edited(admin, user, name="Assistant", model="", base_url="").status_code == 422


# Editing


def test_an_edit_keeps_the_key_replaces_it_or_removes_it(admin, coder, provider):
    assert edited(admin, coder, base_url=provider.url, model="coder-2").status_code == 303
    assert (own(coder).model, key_of(coder)) == ("coder-2", KEY)
    edited(admin, coder, base_url=provider.url, api_key="sk-other")
    assert key_of(coder) == "sk-other"
    edited(admin, coder, base_url=provider.url, forget_key="1")
    assert own(coder).sealed_key is None


def test_a_key_is_not_sent_to_another_address_than_it_was_typed_for(admin, coder):
    answer = edited(admin, coder, base_url="http://elsewhere.example/v1")
    assert answer.status_code == 422 and "belongs to the earlier address" in answer.text
    assert own(coder).base_url != "http://elsewhere.example/v1"
    assert edited(admin, coder, base_url="http://elsewhere.example/v1", forget_key="1").status_code == 303
    assert own(coder).sealed_key is None


def test_a_new_name_is_shown_wherever_it_wrote(admin, alice, coder, provider):
    chat = Chat.start(alice.user, "Plans", assistant="never")
    db.session.flush()
    chat.admit(coder)
    chat.post(coder, "Hello")
    db.session.commit()
    edited(admin, coder, name="Programmer", base_url=provider.url)
    assert "Programmer" in alice.get(f"/chats/{chat.id}").text


def test_people_can_not_take_the_name_of_one(client, coder, alice):
    form = {"name": "C0der", "email": "eve@example.com", "password": "correct horse battery"}
    answer = client().submit("/signup", form)
    assert answer.status_code == 422 and "take this for an assistant" in answer.text
    assert alice.submit("/profile/name", {"name": "Coder"}).status_code == 422


def test_the_built_in_one_takes_settings_and_gives_them_back(admin, app, monkeypatch):
    monkeypatch.setitem(app.config, "OPENAI_API_KEY", "sk-env")
    user = User.assistant()
    db.session.commit()
    page = admin.get(f"/assistants/{user.id}/edit").text
    assert "come from the environment" in page and "sk-env" not in page and "Retire" not in page
    assert edited(admin, user, name="Robin").status_code == 303
    assert own(user).model == "coder-1" and added("Robin") == user
    assert Setup.of(user, app.config).api_key == ""
    admin.submit(f"/assistants/{user.id}", method="DELETE")
    assert own(user) is None and added("Assistant") == user


def test_the_settings_of_an_added_one_can_not_be_forgotten(admin, coder):
    admin.submit(f"/assistants/{coder.id}", method="DELETE")
    assert own(coder).model == "coder-1"


def test_with_another_secret_key_the_pages_ask_for_the_key_again(admin, coder, app, monkeypatch):
    own(coder).sealed_key = sealed(KEY, "the secret of before")
    db.session.commit()
    assert "Key needed" in admin.get("/assistants").text
    assert "Type the key again" in admin.get(f"/assistants/{coder.id}/edit").text
    assert LOST_KEY in admin.submit(f"/assistants/{coder.id}/greetings").text.replace("&#39;", "'")


# Saying hello


def test_hello_shows_the_answer_and_how_long_it_took(admin, coder, provider):
    provider.will("Hello <b>there</b>.")
    answer = admin.submit(f"/assistants/{coder.id}/greetings")
    assert answer.status_code == 200 and "Hello &lt;b&gt;there&lt;/b&gt;." in answer.text
    assert re.search(r"After \d+\.\d seconds", answer.text)
    assert provider.requests[0]["model"] == "coder-1" and provider.keys == [KEY]


def test_hello_asks_the_built_in_one_too(admin, provider):
    user = User.assistant()
    db.session.commit()
    assert "All right." in admin.submit(f"/assistants/{user.id}/greetings").text


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Failure(401, f"Wrong key {KEY}"), "refused our key"),
        (Failure(404), "does not exist there"),
        ("", "empty answer"),
    ],
)
def test_hello_says_in_one_sentence_what_is_wrong(admin, coder, provider, caplog, behaviour, words):
    provider.will(behaviour)
    answer = admin.submit(f"/assistants/{coder.id}/greetings")
    assert answer.status_code == 200 and words in answer.text and "greeting__result--failed" in answer.text
    assert KEY not in answer.text + caplog.text


def test_hello_to_a_server_that_is_away(admin, coder):
    own(coder).base_url = f"http://127.0.0.1:{free_port()}/v1"
    db.session.commit()
    assert "be reached right now" in admin.submit(f"/assistants/{coder.id}/greetings").text


def test_hello_is_said_ten_times_a_minute_at_most(admin, coder, provider):
    codes = [admin.submit(f"/assistants/{coder.id}/greetings").status_code for _ in range(11)]
    assert codes == [200] * 10 + [429] and len(provider.requests) == 10


# Retiring, and the picture


def test_one_is_retired_and_brought_back(admin, coder, alice):
    assert admin.submit(f"/assistants/{coder.id}/retirements").status_code == 303
    assert not own(coder).user.active and "Retired" in admin.get("/assistants").text
    assert "is retired" in alice.get(f"/users/{coder.id}").text
    assert admin.submit(f"/assistants/{coder.id}/retirement", method="DELETE").status_code == 303
    assert own(coder).user.active


def test_the_built_in_one_stays(admin):
    user = User.assistant()
    db.session.commit()
    assert admin.submit(f"/assistants/{user.id}/retirements").status_code == 403


def test_it_gets_a_picture_that_everybody_sees(admin, alice, coder):
    path = f"/assistants/{coder.id}/portrait"
    form = {"_method": "patch", "picture": (io.BytesIO(picture()), "robot.png")}
    assert admin.submit(path, form).location == f"/assistants/{coder.id}/edit"
    address = f"/users/{coder.id}/portraits/{own(coder).user.portrait_version}"
    assert address in admin.get("/assistants").text and alice.get(address).status_code == 200
    broken = {"_method": "patch", "picture": (io.BytesIO(b"no picture"), "robot.png")}
    answer = admin.submit(path, broken)
    assert answer.status_code == 422 and "Choose a JPEG, PNG, GIF or WebP file" in answer.text
    admin.submit(path, method="DELETE")
    assert alice.get(address).status_code == 404


# In chats


def test_a_manager_finds_it_adds_it_and_removes_it(alice, bob, chat, coder):
    found = f"/people?q=cod&chat_id={chat.id}"
    assert "Coder" in alice.get(found).text and "AI" in alice.get(found).text
    assert "Coder" not in bob.get(found).text  # who may add people, but no assistant
    path = f"/chats/{chat.id}/members"
    assert bob.submit(path, {"user_id": coder.id}).status_code == 403
    assert alice.submit(path, {"user_id": coder.id}).status_code == 303
    page = alice.get(path).text
    assert "It answers once the settings of the chat let assistants answer." in page
    assert "Coder" in page and "3 members" in alice.get(f"/chats/{chat.id}").text
    assert "Coder" not in alice.get(found).text
    assert bob.submit(f"{path}/{coder.id}", method="DELETE").status_code == 403
    assert alice.submit(f"{path}/{coder.id}", method="DELETE").status_code == 303
    assert "2 members" in alice.get(f"/chats/{chat.id}").text


def test_one_that_is_retired_can_not_be_found_or_added(alice, chat, coder):
    own(coder).retire()
    db.session.commit()
    assert "Coder" not in alice.get(f"/people?q=cod&chat_id={chat.id}").text
    assert alice.submit(f"/chats/{chat.id}/members", {"user_id": coder.id}).status_code == 422


def test_the_list_at_an_at_has_the_assistants_of_this_chat(alice, chat, coder):
    chat.assistant = "mentioned"
    db.session.commit()
    path = f"/chats/{chat.id}/mentionables?q="
    assert "Assistant" in alice.get(path).text and "Coder" not in alice.get(path).text
    chat.admit(coder)
    db.session.commit()
    assert "Coder" in alice.get(path).text and "Assistant" not in alice.get(path).text
    assert "Coder" in alice.get(path + "co").text and "Coder" not in alice.get(path + "x").text
    chat.assistant = "never"
    db.session.commit()
    assert "Coder" not in alice.get(path).text


def test_its_card_leads_to_a_direct_chat(alice, admin, coder):
    card = alice.get(f"/users/{coder.id}").text
    assert "Write to Coder" in card and "Block" not in card and "/assistants" not in card
    assert f"/assistants/{coder.id}/edit" in admin.get(f"/users/{coder.id}").text
    answer = alice.submit("/directs", {"user_ids": coder.id})
    chat = db.session.scalars(select(Chat)).one()
    assert answer.location == f"/chats/{chat.id}" and chat.assistant == "always"
    assert "Here now" not in alice.get(f"/directs/{chat.id}").text
