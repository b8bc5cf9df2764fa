"""What the search finds, the same on both databases, and for nobody what that person may not read."""

import io
import random

import pytest
from sqlalchemy import insert, select, text, update

from chatapp.extensions import db
from chatapp.forms import limits
from chatapp.models import Attachment, Chat, Message
from chatapp.models.search import PAGE, Search
from chatapp.models.search_index import VECTOR
from chatapp.models.search_text import SearchText, fill
from tests.files import picture
from tests.queries import statements


def say(chat, author, content: str) -> Message:
    message = chat.post(author, content)
    db.session.commit()
    return message


def found(visitor, typed: str, before: int | None = None) -> list[str]:
    return [message.content for message in Search(visitor.user, typed).newest(before)[0]]


def indexed(word: str) -> int:
    """How many messages the database's own index has under a word."""
    asked = {
        "sqlite": f"SELECT count(*) FROM search_index WHERE search_index MATCH '\"{word}\"'",
        "postgresql": f"SELECT count(*) FROM search_texts, chats WHERE {VECTOR}"
        f" @@ CAST('''#' || chats.id || '\\:{word}''' AS tsquery)",
    }
    return db.session.scalar(text(asked[db.engine.dialect.name]))


# The same on both databases


TEXTS = {
    "Crème brûlée in Łódź": ["creme", "BRÛLÉE lodz", "brul", '"creme brulee"'],
    "Use node.js, not Node": ["node.js", "node", "js not", "node.j", '"use node.js"'],
    "C++ or C#?": ["c++", "c# or", "C++ C#"],
    "don't AND don’t OR NEAR": ["don't", "don’t and", "NEAR or"],
    "write to a@b.c about foo_bar": ["a@b.c", "foo_bar", "foo b.c", "bar write"],
    "Wir fahren über die Straße": ["uber strasse", "straße", "STRASSE fahren"],
    "我在北京大学学习": ["北京", "北京大学", "学习", "我", "大", "我在北京大学学习"],
    "東京の学校でガッコウ": ["東京", "学校", "ｶﾞｯｺｳ"],
    "서울 학교에서": ["학교", "서울"],
    "Привет, ёлка": ["привет", "елка", "ПРИВЕТ"],
    "ท่าเรือ": ["ท่าเรือ"],
    "हिन्दी में": ["हिन्दी"],
    "a 100% sure_thing \\ 'quoted'": ["100", "sure_thing", "quoted 100", '"a 100"'],
    "Look at https://example.com/docs?a=1": ["example.com", "docs", "https example", "has:link", "has:link docs"],
    "🎉 done": ["🎉", "🎉 done"],
}
STRANGE = [
    '"',
    "'",
    "*",
    "( ",
    "a AND",
    "x:*",
    "\\",
    "!",
    "a & | b",
    "NEAR(",
    "#1",
    "@1",
    "^link",
    "%",
    "\x00",
    "#1 OR",
]


def test_the_same_words_find_the_same_texts_whatever_the_database(alice, chat):
    for content in TEXTS:
        say(chat, alice.user, content)
    for content, queries in TEXTS.items():
        for typed in queries:
            assert found(alice, typed) == [content], typed
    assert found(alice, "北大") == [] and found(alice, "大学北京") == []  # its characters, in another order
    assert found(alice, '"brulee creme"') == [] and found(alice, "crem brulee") == []


def test_nothing_that_somebody_types_is_an_error_or_means_anything_to_the_database(alice, chat):
    say(chat, alice.user, "Hello")
    for typed in STRANGE:
        assert found(alice, typed) == [], typed
    assert found(alice, "hello*") == found(alice, '"hello') == found(alice, "(hello)") == ["Hello"]


def test_messages_with_all_the_words_are_found_newest_first_and_by_pages(alice, bob, chat):
    ids = [say(chat, bob.user, f"red apple {number}").id for number in range(PAGE + 2)]
    say(chat, bob.user, "green apple")
    messages, older = Search(alice.user, "apple red").newest()
    assert [message.id for message in messages] == ids[:1:-1] and older
    messages, older = Search(alice.user, "apple red").newest(before=ids[2])
    assert [message.id for message in messages] == ids[1::-1] and not older
    assert found(alice, "") == found(alice, "   ") == []


# Filters


@pytest.fixture
def other(alice, bob) -> Chat:
    chat = Chat.start(alice.user, "Café in Paris", kind="open", assistant="never")
    db.session.flush()
    chat.admit(bob.user)
    db.session.commit()
    return chat


def test_a_filter_narrows_what_is_found(alice, bob, chat, other):
    say(chat, alice.user, "tea"), say(chat, bob.user, "tea in Plans"), say(other, bob.user, "tea in Paris")
    assert found(alice, "tea from:bob") == ["tea in Paris", "tea in Plans"]
    assert found(alice, "from:me") == ["tea"] and found(bob, "from:@alice tea") == ["tea"]
    assert found(alice, f"from:bob#{bob.id} in:plans") == ["tea in Plans"]
    assert found(alice, 'in:"cafe paris"') == ["tea in Paris"] and found(alice, "in:par tea") == ["tea in Paris"]
    assert found(alice, "from:alice from:bob in:plans") == ["tea in Plans", "tea"]
    assert found(alice, "tea from:nobody") == found(alice, "tea in:nowhere") == []
    assert found(alice, "tea from:") == found(alice, "tea")


def test_days_are_filters_too(alice, chat):
    for day in ("2026-11-01", "2026-11-02", "2026-11-03"):
        message = say(chat, alice.user, f"tea of {day}")
        db.session.execute(text(f"UPDATE messages SET created_at = '{day} 12:00:00' WHERE id = {message.id}"))
    db.session.commit()
    assert found(alice, "tea before:2026-11-02") == found(alice, "before:2026-11-02") == ["tea of 2026-11-01"]
    assert found(alice, "tea after:2026-11-02") == ["tea of 2026-11-03"]
    assert found(alice, "after:2026-11-01 before:2026-11-03") == ["tea of 2026-11-02"]


def test_a_day_begins_where_the_person_is(alice, chat):
    message = say(chat, alice.user, "tea at night")
    db.session.execute(text(f"UPDATE messages SET created_at = '2026-11-02 02:00:00' WHERE id = {message.id}"))
    found_in = {}
    for zone in ("", "Europe/Berlin", "America/New_York", "Nowhere/Land"):
        alice.user.time_zone = zone
        db.session.commit()
        found_in[zone] = found(alice, "tea before:2026-11-02"), found(alice, "tea after:2026-11-01")
    later, earlier = ([], ["tea at night"]), (["tea at night"], [])
    assert found_in == {"": later, "Europe/Berlin": later, "America/New_York": earlier, "Nowhere/Land": later}


def test_files_are_found_by_their_names_and_by_having_them(alice, chat):
    kept = [("Minutes of May.txt", b"Who said what"), ("Lake.png", picture())]
    files = [Attachment.keep(alice.user, name, io.BytesIO(data), limits()) for name, data in kept]
    silent = chat.post(alice.user, "", upload_ids=[file.id for file in files])
    chat.post(alice.user, "Minutes without a file")
    db.session.commit()
    assert found(alice, "minutes") == ["Minutes without a file", ""]
    for typed in ("minutes has:file", "lake.png", "has:picture", "has:files may"):
        assert found(alice, typed) == [""]
    silent.delete()
    db.session.commit()
    assert found(alice, "has:file") == found(alice, "lake.png") == []


@pytest.mark.parametrize("typed", ["before:soon", "after:2026-13-01", "has:luck", "before:0000-00-00", "x" * 201])
def test_what_means_nothing_is_said_in_words(alice, typed):
    with pytest.raises(ValueError, match=r"Type|Use up to"):
        Search(alice.user, typed)


def test_the_last_day_that_there_is_can_be_asked_for(alice):
    alice.user.time_zone = "America/New_York"
    assert found(alice, "x after:9998-12-31") == [] == found(alice, "x before:0001-01-01")
    with pytest.raises(ValueError, match="Type after:"):
        Search(alice.user, "after:9999-12-31")


# Rights


def test_one_finds_what_is_in_one_s_chats_and_in_open_ones(alice, bob, charlie, chat, other):
    say(chat, alice.user, "secret tea"), say(other, alice.user, "open tea")
    assert found(bob, "tea") == ["open tea", "secret tea"]
    assert found(charlie, "tea") == ["open tea"]
    assert found(charlie, "tea in:plans") == found(charlie, "secret") == found(charlie, f"#{chat.id}") == []


def test_whoever_was_removed_finds_nothing_of_the_chat_any_more(alice, removed, chat):
    say(chat, alice.user, "tea")
    assert found(removed, "tea") == []
    chat.admit(removed.user)
    db.session.commit()
    assert found(removed, "tea") == ["tea"]


def test_one_statement_finds_and_asks_who_may_read(alice, chat):
    say(chat, alice.user, "tea")
    with statements() as seen:
        assert found(alice, 'tea "tea"') == ["tea"]
    assert len([statement for statement, _ in seen if "messages" in statement]) == 1
    assert "memberships" in seen[-1][0]


def test_somebody_who_reads_very_many_chats_finds_as_much(alice, bob, charlie, chat, other, monkeypatch):
    monkeypatch.setattr("chatapp.models.search_index.CHATS_LIMIT", 1)
    say(chat, alice.user, "tea"), say(other, bob.user, "tea")
    assert (len(found(alice, "tea")), len(found(charlie, "tea")), len(found(alice, "in:plans tea"))) == (2, 1, 1)
    assert len(found(alice, "before:2099-01-01")) == 2


def test_random_people_find_by_random_words_what_a_plain_scan_finds(app, person):
    choose, words = random.Random(5), [f"w{n}" for n in range(12)]
    people = [person(name) for name in ("Ann", "Ben", "Cem", "Dee")]
    chats = [
        Chat.start(choose.choice(people).user, f"C{n}", choose.choice(["open", "closed", "closed"]), "never")
        for n in range(9)
    ]
    db.session.flush()
    for chat in chats:
        for visitor in choose.sample(people, k=2):
            chat.admit(visitor.user)
    said = [
        (chat, chat.post(chat.creator, " ".join(choose.choices(words, k=4)))) for chat in choose.choices(chats, k=150)
    ]
    db.session.commit()
    for chat in chats:  # as members, and until just now
        if chat.kind == "closed" and len(chat.member_list()) > 1:
            chat.dismiss(chat.member_list()[-1])
    for _, message in choose.sample(said, k=20):
        message.delete() if choose.random() < 0.5 else message.edit(" ".join(choose.choices(words, k=4)))
    db.session.commit()
    readable = {
        visitor.id: {chat.id for chat in chats if Chat.is_within_reach(chat.id, visitor.user)} for visitor in people
    }
    for _ in range(200):
        visitor, asked = choose.choice(people), set(choose.sample(words, k=choose.choice((1, 1, 2))))
        expected = [m.id for c, m in said if c.id in readable[visitor.id] and asked <= set(m.content.split())][::-1]
        messages, older = Search(visitor.user, " ".join(asked) + " ").newest()
        assert [message.id for message in messages] == expected[:PAGE] and older == (len(expected) > PAGE)


# What the index knows


def test_the_words_follow_edits_and_go_with_the_message(alice, chat):
    message = say(chat, alice.user, "tea")
    message.edit("coffee")
    db.session.commit()
    assert (found(alice, "tea"), found(alice, "coffee")) == ([], ["coffee"])
    assert (indexed("tea"), indexed("coffee")) == (0, 1)
    message.delete()
    db.session.commit()
    assert found(alice, "coffee") == [] and indexed("coffee") == 0
    assert db.session.scalars(select(SearchText)).all() == []


def test_what_is_rolled_back_is_not_in_the_index(alice, chat):
    chat.post(alice.user, "tea")
    db.session.rollback()
    assert indexed("tea") == 0


def test_a_reaction_leaves_the_words_alone(alice, chat):
    message = say(chat, alice.user, "tea")
    with statements() as seen:
        message.react(alice.user, "👍")
        db.session.commit()
    assert not [statement for statement, _ in seen if "search_texts" in statement]


def test_an_answer_is_found_when_it_is_finished_and_costs_nothing_while_it_grows(alice, bob):
    chat = Chat.start(alice.user, "Questions")
    reply = chat.post(alice.user, "tea?").reply
    db.session.commit()
    with statements() as seen:
        for content in ("Green", "Green is", "Green is best"):
            reply.write(content)
            db.session.commit()
    assert not [statement for statement, _ in seen if "search_texts" in statement] and found(alice, "green") == []
    reply.complete("Green is best.")
    db.session.commit()
    assert found(alice, "green best ") == ["Green is best."] and found(alice, "from:assistant green")
    reply.fail("no more")
    db.session.commit()
    chat.retry(reply, alice.user)
    db.session.commit()
    assert found(alice, "green") == [] and indexed("green") == 0


# What processes of the previous release wrote


def test_what_the_previous_release_wrote_edited_and_deleted_is_found_out_later(alice, chat):
    edited, deleted = say(chat, alice.user, "tea edited"), say(chat, alice.user, "tea deleted")
    assert fill() == 0
    row = {"chat_id": chat.id, "author_id": alice.id, "content": "tea new", "state": "complete", "revision": 9}
    db.session.execute(insert(Message), [row, row | {"state": "generating"}])
    db.session.execute(update(Message).where(Message.id == edited.id).values(content="coffee", revision=10))
    gone = {"content": "", "revision": 11, "deleted_at": edited.created_at}
    db.session.execute(update(Message).where(Message.id == deleted.id).values(gone))
    db.session.commit()
    assert fill() == 3
    db.session.commit()
    assert fill() == 0
    assert found(alice, "tea") == ["tea new"] and found(alice, "coffee") == ["coffee"] and indexed("deleted") == 0


def test_very_many_messages_are_filled_in_batches_the_newest_first(alice, chat, monkeypatch):
    monkeypatch.setattr("chatapp.models.search_text.BATCH", 2)
    row = {"chat_id": chat.id, "author_id": alice.id, "state": "complete", "revision": 1}
    db.session.execute(insert(Message), [row | {"content": f"tea {number}"} for number in range(3)])
    db.session.commit()
    assert fill() == 2
    db.session.commit()
    assert found(alice, "tea") == ["tea 2", "tea 1"]
    assert fill() == 1 and fill() == 0
