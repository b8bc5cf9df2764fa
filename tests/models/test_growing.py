"""What is announced of a reply while it grows."""

import random
import re

import pytest
from markupsafe import Markup

from chatapp.extensions import db
from chatapp.models import Chat, Message
from chatapp.turbo.testing import captured_broadcasts
from tests.delivery.message_list import MessageList, articles
from tests.delivery.page import canonical
from tests.delivery.wire import STREAM
from tests.lib.test_markdown_tail import HOSTILE


@pytest.fixture
def chat(alice) -> Chat:
    return Chat.start(alice.user, "Questions", assistant="never")


@pytest.fixture
def reply(chat, alice) -> Message:
    reply = chat.post(alice.user, "How are you?").begin_reply()
    db.session.commit()
    return reply


class Watching:
    """A page that shows ``reply``, and takes what is announced of it."""

    def __init__(self, reply: Message):
        self.reply, self.list = reply, MessageList()
        self.list.begin(canonical(reply.to_html()))
        self.actions: list[str] = []

    def sees(self, change) -> bool:
        """Whether the page can take what ``change`` announces."""
        self.reply.lock()
        with captured_broadcasts(self.reply.chat.stream_name) as broadcasts:
            change()
            db.session.commit()
        return all([self.take(*found) for b in broadcasts for found in STREAM.findall(canonical(b.html))])

    def take(self, action: str, target: str, growth: str, content: str) -> bool:
        self.actions.append(action)
        if action == "grow":
            return self.list.grow(target, growth, content)
        self.list.replace(articles(content)[0])
        return True

    @property
    def is_right(self) -> bool:
        """Whether it shows what a reload would."""
        return [article.html for article in self.list.shown] == [canonical(self.reply.to_html())]


def some_ends(text: str, dice: random.Random) -> list[int]:
    return sorted(dice.sample(range(len(text)), min(12, len(text) - 1)))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_that_is_told_what_grows_shows_what_a_reload_shows(reply, text):
    page, dice = Watching(reply), random.Random(text)
    for end in some_ends(text, dice):
        assert page.sees(lambda end=end: reply.write(text[:end])) and page.is_right
    assert page.sees(lambda: reply.complete(text)) and page.is_right
    assert set(page.actions) == {"grow"}
    assert "data-source" not in page.list.shown[0].html and "slot" not in page.list.shown[0].html


def test_random_texts_arrive_exactly(reply):
    dice, page = random.Random(11), Watching(reply)
    parts = [line for text in HOSTILE for line in re.split(r"(?<=\n)", text)] + [
        "🎉",
        "𝒳",
        "\U0001f468\u200d",
        "&",
        "<",
        "\r",
    ]
    for _ in range(40):
        text = "".join(dice.choice(parts) for _ in range(dice.randrange(1, 12)))
        assert page.sees(lambda text=text: reply.write(text)) and page.is_right
    assert page.sees(lambda: reply.complete("Done")) and page.is_right


def test_a_growth_is_cut_between_letters_of_utf_16(reply):
    page = Watching(reply)
    page.sees(lambda: reply.write("A 🎉 party"))
    page.sees(lambda: reply.write("A 🎊 party"))  # both begin with the same half
    assert page.is_right and page.actions == ["grow", "grow"]


def test_a_long_text_grows_at_the_cost_of_what_is_new(reply):
    paragraphs = ["It says what there is to say, in plain words. " * 5] * 20
    reply.lock()
    reply.write("\n\n".join(paragraphs))
    db.session.commit()
    reply.lock()
    with captured_broadcasts(reply.chat.stream_name) as broadcasts:
        reply.write("\n\n".join([*paragraphs, "One more."]))
        db.session.commit()
    assert "One more." in broadcasts[0].html and len(broadcasts[0].html) < 200


def test_the_end_of_a_reply_costs_the_row_without_its_text(reply):
    reply.lock()
    reply.write("Once upon a time.\n\n" * 100)
    db.session.commit()
    with captured_broadcasts(reply.chat.stream_name) as broadcasts:
        reply.stop()
        db.session.commit()
    assert "Stopped before the end." in broadcasts[0].html and "Once upon" not in broadcasts[0].html


def test_a_change_beside_the_text_is_part_of_what_is_told(alice, reply):
    page = Watching(reply)
    assert page.sees(lambda: reply.write("Once"))
    assert page.sees(lambda: reply.react(alice.user, "👍"))
    assert page.sees(lambda: reply.write("Once upon")) and page.is_right
    assert page.sees(lambda: (reply.write("Once upon a"), reply.withdraw(alice.user, "👍"))) and page.is_right
    assert page.actions == ["grow", "replace", "grow", "grow"]


def test_after_a_rollback_a_growth_follows_what_pages_show(reply):
    page = Watching(reply)
    page.sees(lambda: reply.write("Once"))
    reply.lock()
    reply.write("Never")
    db.session.flush()
    db.session.rollback()
    assert page.sees(lambda: reply.write("Once upon")) and page.is_right


def test_a_page_with_another_state_of_the_reply_finds_a_gap(reply):
    page = Watching(reply)
    with captured_broadcasts(reply.chat.stream_name):
        reply.lock()
        reply.write("Lost on the way")
        db.session.commit()
    assert not page.sees(lambda: reply.write("Lost on the way, and more"))
    frame = reply.chat.catch_up(reply.chat.revision - 2, db.session())
    assert all([page.take(*found) for found in STREAM.findall(canonical(frame.html))])
    assert page.is_right and page.actions == ["grow", "replace"]


def test_what_a_growth_brings_is_escaped(reply):
    page = Watching(reply)
    page.sees(lambda: reply.write("</template></turbo-stream> <b>&amp;</b>"))
    assert page.is_right
    assert Markup("&lt;/template&gt;") in page.list.shown[0].html


def test_a_deleted_reply_is_removed(reply):
    reply.lock()
    reply.write("Once")
    with captured_broadcasts(reply.chat.stream_name) as broadcasts:
        reply.delete()
        db.session.commit()
    assert 'action="remove"' in broadcasts[0].html and "Once" not in broadcasts[0].html


def test_a_growth_of_a_message_that_is_still_loading_is_a_gap(reply):
    page = Watching(reply)
    page.list.shown = []
    assert page.sees(lambda: reply.write("Not on this page"))
    page.list.homeless = {}  # a page of history is on its way, and may bring it as it was before
    assert not page.sees(lambda: reply.write("Not on this page yet"))
