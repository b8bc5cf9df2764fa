"""Sends forms that no browser sends to every route that changes something. Each gets a clear refusal, never a 500."""

import io
import json
import time

import pytest
from sqlalchemy import select
from wtforms import SelectMultipleField
from wtforms.fields.core import UnboundField

from chatapp.extensions import db, limiter
from chatapp.forms.base import Form
from chatapp.lib.mcp_texts import Described
from chatapp.models import Assistant, Chat, Session, ToolServer
from tests.routes import address, unsafe
from tests.visitors import TURBO_STREAM

#: Every field that a view or a form of ours reads.
FIELDS = {
    "_method", "after_id", "assistant", "client_id", "content", "email", "kind", "manager", "message_id", "name",
    "next", "password", "reply_to", "seen", "setup_token", "title", "tools", "upload_ids", "user_id", "user_ids",
}  # fmt: skip
URLENCODED = "application/x-www-form-urlencoded"
SURROGATE = "\ud800"


def form(value) -> dict:
    return dict.fromkeys(sorted(FIELDS - {"_method"}), value)


def multipart(**part) -> dict:
    return {"data": form("x") | part, "content_type": "multipart/form-data"}


def urlencoded(value: str) -> dict:
    body = "&".join(f"{name}={value}" for name in form("")).encode()
    return {"data": body, "content_type": URLENCODED}


def file_part(name: str, filename: str = "x.txt") -> dict:
    return multipart(**{name: (io.BytesIO(b"\xff\xfe"), filename)})


JSON = {
    "numbers": json.dumps(form(7)),
    "lists": json.dumps(form(["x"])),
    "objects": json.dumps(form({"x": 1})),
    "nothing": json.dumps(form(None)),
    "surrogates": json.dumps(form(SURROGATE)),
    "no object": "[1, 2]",
    "a number": "7",
    "broken": "{",
}
OTHER_TYPES = {name: {"data": body, "content_type": "application/json"} for name, body in JSON.items()} | {
    "plain text": {"data": "email=a@b.example", "content_type": "text/plain"},
    "no type": {"data": b"\xff\x00", "content_type": ""},
    "xml": {"data": "<a/>", "content_type": "application/xml"},
}
STRANGE_FORMS = {f"file as {name}": lambda name=name: file_part(name) for name in sorted(FIELDS)} | {
    "surrogates": lambda: urlencoded("%ED%A0%80"),
    "zeros": lambda: urlencoded("%00"),
    "no UTF-8": lambda: urlencoded("%FF%FE%80"),
    "ids that no column holds": lambda: urlencoded(str(2**31)),
    "long": lambda: urlencoded("x" * 3000),
    "twice": lambda: {"data": "&".join(f"{name}=1&{name}=2" for name in FIELDS), "content_type": URLENCODED},
    "many parts": lambda: {"data": {f"x{n}": "y" for n in range(1100)}, "content_type": "multipart/form-data"},
    "no boundary": lambda: {"data": b"--x", "content_type": "multipart/form-data"},
    "unknown charset": lambda: urlencoded("x") | {"content_type": f"{URLENCODED}; charset=utf-16"},
}  # fmt: skip
#: Those whose texts reach the database, and may mean something else to each.
FOR_EACH_DATABASE = {"surrogates", "zeros", "no UTF-8", "long", "ids that no column holds"}


def on_one_database(names) -> list:
    return [name if name in FOR_EACH_DATABASE else pytest.param(name, marks=pytest.mark.any_database) for name in names]


@pytest.fixture
def unlimited(app, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.fixture
def mallory(person):
    return person("Mallory")


def answers(app, mallory, options) -> dict[str, int]:
    """The answers to each request, made by somebody who owns everything."""
    codes, refused = {}, False
    for rule, method in unsafe(app):
        if not refused:  # what was done may have taken anything away, what was refused has taken nothing
            mallory.log_in()
            owned = belongings(mallory)
        headers = {"X-CSRFToken": mallory.token, "Accept": f"{TURBO_STREAM}, text/html"}
        sent = options() if callable(options) else options
        answer = mallory.open(method, address(rule, **owned), headers=headers, **sent)
        codes[f"{method} {rule.rule}"] = answer.status_code
        refused = answer.status_code >= 400
    assert len(codes) > 15
    return codes


def belongings(visitor) -> dict[str, int]:
    chat = Chat.start(visitor.user, "Mine", assistant="never")
    message = chat.post(visitor.user, "Hello")
    db.session.commit()
    session = db.session.scalar(select(Session).filter_by(user_id=visitor.id))
    return {"chats": chat.id, "messages": message.id, "members": visitor.id, "sessions": session.id}


@pytest.mark.any_database
@pytest.mark.parametrize("name", OTHER_TYPES)
def test_only_forms_are_read(unlimited, app, mallory, name):
    assert set(answers(app, mallory, OTHER_TYPES[name]).values()) == {415}


@pytest.mark.parametrize("name", on_one_database(STRANGE_FORMS))
def test_a_strange_form_is_no_error_of_ours(unlimited, app, mallory, name):
    codes = answers(app, mallory, STRANGE_FORMS[name])
    assert {request: code for request, code in codes.items() if code >= 500} == {}


@pytest.mark.parametrize("field", ["name", "email", "password"])
def test_a_file_is_no_text(anonymous, field):
    text = {"csrf_token": anonymous.token, "name": "Dora", "email": "dora@example.com", "password": "long enough"}
    sent = text | {field: (io.BytesIO(b"dora@example.com"), "x.txt")}
    answer = anonymous.open("POST", "/signup", data=sent, content_type="multipart/form-data")
    assert (answer.status_code, 'class="field__errors"' in answer.text) == (422, True)


@pytest.mark.parametrize(
    "name", ["a" + "\u0301" * 15_000 + "\u0323" * 15_000, "\ufdfa" * 20_000], ids=["marks", "ligatures"]
)
def test_a_name_that_is_far_too_long_takes_no_time(unlimited, anonymous, name):
    """Its form is as large as a form may be, and all other requests of the process wait meanwhile."""
    plain = fastest_sign_up(anonymous, "x" * 60_000)
    assert fastest_sign_up(anonymous, name) < 10 * plain


def fastest_sign_up(visitor, name: str) -> float:
    """Seconds of processor time for one that is refused, the best of three."""
    form = {"csrf_token": visitor.token, "name": name, "email": "dora@example.com", "password": "long enough"}
    seconds = []
    for _ in range(3):
        start = time.process_time()
        answer = visitor.open("POST", "/signup", data=form, content_type="multipart/form-data")
        seconds.append(time.process_time() - start)
        assert answer.status_code == 422
    return min(seconds)


@pytest.mark.any_database
def test_a_form_as_large_as_a_picture_is_refused_before_it_is_read(unlimited, app, mallory):
    sent = {"data": b"content=" + b"x" * 300_000, "content_type": URLENCODED}
    assert set(answers(app, mallory, sent).values()) == {413}


@pytest.mark.any_database
def test_a_form_of_a_hundred_thousand_characters_is_taken_for_messages_and_instructions_only(unlimited, app, mallory):
    sent = {"data": b"content=" + b"x" * 100_000, "content_type": URLENCODED}
    taken = {request for request, code in answers(app, mallory, sent).items() if code != 413}
    messages = {"POST /chats/<int:chat_id>/messages", "PATCH /messages/<int:id>", "POST /messages/<int:id>"}
    assert taken == messages | {"POST /assistants", "PATCH /assistants/<int:id>", "POST /assistants/<int:id>"}


def test_what_is_refused_says_what_is_understood(alice):
    answer = alice.turbo("POST", "/chats")
    assert answer.status_code != 415  # a request without a body is a form without fields
    answer = alice.open(
        "POST", "/chats", json={"title": 1}, headers={"X-CSRFToken": alice.token, "Accept": TURBO_STREAM}
    )
    assert (answer.status_code, answer.text) == (415, "Only forms are understood here. Send the fields of one.")


# Fields of which several values may be chosen


def multiple_choices(form: type[Form]) -> list[tuple[type[Form], str, UnboundField]]:
    """All such fields of this form and of those that are made from it."""
    fields = [(form, name, field) for name, field in vars(form).items() if isinstance(field, UnboundField)]
    own = [found for found in fields if issubclass(found[2].field_class, SelectMultipleField)]
    return own + [found for made in form.__subclasses__() for found in multiple_choices(made)]


MULTIPLE = {f"{form.__name__}.{name}": field for form, name, field in multiple_choices(Form)}
ASSISTANT = {"name": "Coder", "model": "coder-1", "base_url": "http://127.0.0.1:9/v1", "reply_tokens": "500"}


@pytest.fixture
def choosing(admin, alice, bob) -> dict[str, tuple]:
    """Where each is sent, by which method, with which other fields, and values of it that are valid."""
    server = ToolServer.add("Weather", url="http://127.0.0.1:9/mcp")
    server.note([Described(name, "", "Tells.", {"type": "object"}) for name in ("rain", "sun")], "")
    coder = Assistant.add("Painter", model="coder-1").user
    db.session.commit()
    new, old = ("/assistants", "POST", ASSISTANT), (f"/assistants/{coder.id}", "PATCH", ASSISTANT | {"name": "Painter"})
    return {
        "AssistantForm.tools": ([new, old], []),
        "AssistantForm.servers": ([new, old], [server.id]),
        "DirectForm.user_ids": ([("/directs", "POST", {})], [alice.id, bob.id]),
        "OfferedToolsForm.tools": (
            [(f"/tool-servers/{server.id}/tools", "PATCH", {})],
            [tool.as_read for tool in server.tools],
        ),
    }


@pytest.mark.parametrize("name", MULTIPLE)
def test_a_valid_choice_may_be_repeated(unlimited, admin, choosing, name):
    ways, values = choosing[name]
    values = values or [choice.value for choice in MULTIPLE[name].kwargs["choices"]]
    assert values
    for path, method, others in ways:
        sent = others | {name.partition(".")[2]: [str(value) for value in values * 50]}
        answer = admin.submit(path, sent, method=method)
        assert answer.status_code == 303, f"{method} {path}"
