"""Files of a question on their way to the model: a real queue, a real worker, a provider over real HTTP."""

import base64
import io

import pytest
from PIL import Image
from sqlalchemy import select

from chatapp.extensions import db, storage
from chatapp.jobs.replies import conversation_for, language_model
from chatapp.lib.llm_refusals import BLIND
from chatapp.models import Attachment, Chat, Figure, Message, Reading
from chatapp.models.attachment_limits import MB, Limits
from chatapp.models.enclosure import PICTURE_TOKENS
from chatapp.models.reply import Reply
from tests.files import photo
from tests.provider import Failure
from tests.visitors import start_over

ROOM = Limits(file=100 * MB, message=100 * MB, day=1000 * MB, files=10)


@pytest.fixture
def question(alice) -> Message:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.flush()
    files = {"plan.md": b"# Plan", "trip.jpg": photo()}
    kept = [Attachment.keep(alice.user, name, io.BytesIO(data), ROOM) for name, data in files.items()]
    question = chat.post(alice.user, "Where is this?", upload_ids=[file.id for file in kept])
    db.session.commit()
    return question


@pytest.fixture
def seeing(app, monkeypatch) -> None:
    monkeypatch.setitem(app.config, "ASSISTANT_MODEL", "gpt-4o")


def reply_to(question) -> Message:
    start_over()
    return db.session.scalar(select(Message).filter_by(question_id=question.id))


def asked(provider) -> str | list[dict]:
    return provider.requests[0]["messages"][-1]["content"]


def test_a_model_that_sees_is_given_texts_and_pictures(seeing, question, provider, work):
    provider.will("In Berlin.")
    work()
    words, picture = asked(provider)
    assert words["text"].endswith("The file plan.md:\n```\n# Plan\n```")
    seen = Image.open(io.BytesIO(base64.b64decode(picture["image_url"]["url"].partition(",")[2])))
    assert seen.size == (300, 400) and not seen.getexif()
    reply = reply_to(question)
    assert (reply.state, reply.content) == ("complete", "In Berlin.")
    assert Reading.of(reply).file_words == "It was given 1 text file and 1 picture with it."
    assert PICTURE_TOKENS < db.session.scalar(select(Figure)).tokens_in < PICTURE_TOKENS + 200


def test_any_other_model_is_given_texts_and_names(app, question, provider, work, monkeypatch):
    monkeypatch.setitem(app.config, "ASSISTANT_MODEL", "coder-1")
    work()
    assert asked(provider) == "Where is this?\n\n[Attached: plan.md, trip.jpg]\n\nThe file plan.md:\n```\n# Plan\n```"
    assert Reading.of(reply_to(question)).file_words == "It was given 1 text file with it."


def test_files_that_can_not_be_read_break_nothing(seeing, question, provider, work, monkeypatch):
    def refuse(key: str):
        raise OSError("The bucket does not answer.")

    monkeypatch.setattr(storage, "open", refuse)
    conversation = conversation_for(question)
    conversation.sees = True
    for _ in Reply(question.reply, conversation, language_model()).steps():
        db.session.commit()
    assert asked(provider).startswith("Where is this?\n\n[Attached: plan.md, trip.jpg]")
    assert reply_to(question).state == "complete"


def test_a_reply_that_is_stopped_while_files_are_read_asks_nobody(question, provider, monkeypatch):
    head = storage.head

    def meanwhile(key: str, length: int) -> bytes:
        assert not db.session().in_transaction()
        question.reply.stop()
        db.session.commit()
        return head(key, length)

    monkeypatch.setattr(storage, "head", meanwhile)
    for _ in Reply(question.reply, conversation_for(question), language_model()).steps():
        db.session.commit()
    assert provider.requests == [] and reply_to(question).state == "stopped"
    assert db.session.scalar(select(Figure)) is None


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_server_that_takes_no_pictures_is_told_apart(seeing, question, provider, work, status):
    provider.will(Failure(status, "image input is not supported"))
    work()
    reply = reply_to(question)
    assert (reply.state, reply.failure) == ("failed", BLIND) and reply.retriable
