import re
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.turbo import Connection, Cursor, Frame, jittered
from chatapp.turbo.channel import Channel
from chatapp.turbo.connection import beat
from chatapp.turbo.outlet import MOST_CHUNKS
from chatapp.turbo.streams import event
from tests.browserless import parse


def connection(cursor: int = 10, wait: float | None = None, started: bool = True) -> Connection:
    """A reader of one stream."""
    connection = Connection({"page:1": cursor}, ["user:1"], wait)
    if started:
        start(connection)
    return connection


def start(connection: Connection, catch_up: Frame | None = None) -> None:
    only(connection).start(catch_up)
    connection.begin()


def only(connection: Connection) -> Cursor:
    (cursor,) = connection.cursors.values()
    return cursor


def received(connection: Connection) -> list:
    """Everything that was sent, after ending the connection."""
    connection.end()
    return list(parse([b"".join(connection.chunks()).decode()]))


def frame(revision: int, html: str = "<p>", full: bool = False) -> Frame:
    return Frame(revision - 1, revision, html, full)


def test_a_frame_moves_the_cursor_and_is_sent_once():
    reader = connection()
    for revision in (11, 11, 12, 9):
        only(reader).offer(frame(revision))
    assert only(reader).position == 12
    assert [event.id for event in received(reader)] == ["11", "12"]


def test_a_frame_without_words_tells_scripts_that_the_cursor_moves():
    reader = connection()
    only(reader).offer(frame(11, html=""))
    assert [(event.id, event.data) for event in received(reader)] == [("11", "<!--after 10-->")]


def test_a_whole_page_is_sent_to_whoever_is_ahead_of_it():
    reader = connection(started=False)
    start(reader, frame(3, full=True))
    assert only(reader).position == 3
    assert [event.id for event in received(reader)] == ["3"]


def test_frames_that_come_before_the_catch_up_wait_for_it_and_are_not_sent_twice():
    reader = connection(started=False)
    for revision in (11, 12, 13):
        only(reader).offer(frame(revision, f"<live {revision}>"))
    start(reader, Frame(10, 12, "<caught up>"))
    assert [(e.id, e.data) for e in received(reader)] == [
        ("12", "<caught up><!--after 10-->"),
        ("13", "<live 13><!--after 12-->"),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)).filter(lambda pair: pair[0] < pair[1])),
    st.integers(0, 20),
)
def test_whoever_gets_everything_that_is_sent_is_never_told_that_something_is_missing(pairs, cursor):
    reader, channel = connection(cursor), Channel("page:1")
    channel.begin(cursor)
    channel.cursors.add(only(reader))
    for after, revision in pairs:
        channel.receive(Frame(after, revision, "<p>"))
        reader.beat(15)
    for sent in received(reader):
        if sent.name == "revision":
            assert int(sent.data) <= cursor
        elif sent.name is None:
            assert int(re.search(r"<!--after (\d+)-->$", sent.data)[1]) <= cursor
            cursor = int(sent.id)


def test_a_passing_state_has_no_id_and_leaves_the_cursor():
    reader = connection()
    reader.offer_ephemeral(event("<typing>"))
    assert only(reader).position == 10
    assert [(event.id, event.data) for event in received(reader)] == [(None, "<typing>")]


def test_a_passing_state_is_not_kept_for_who_is_still_catching_up():
    reader = connection(started=False)
    reader.offer_ephemeral(event("<typing>"))
    start(reader, None)
    assert received(reader) == []


def test_a_passing_state_ends_an_answer_that_waits():
    reader = connection(wait=25)
    reader.offer_ephemeral(event("<typing>"))
    assert reader.ended and [event.data for event in received(reader)] == ["<typing>"]


def test_a_reader_who_is_too_slow_is_cut_off():
    reader = connection()
    for revision in range(11, 11 + MOST_CHUNKS):
        only(reader).offer(frame(revision))
    assert not reader.ended
    only(reader).offer(frame(11 + MOST_CHUNKS))
    assert reader.ended
    only(reader).offer(frame(12 + MOST_CHUNKS))
    assert len(received(reader)) == MOST_CHUNKS + 1


def test_chunks_that_wait_go_out_in_one_piece():
    reader = connection()
    only(reader).offer(frame(11))
    only(reader).offer(frame(12))
    assert next(reader.chunks()) == frame(11).encoded + frame(12).encoded


def test_chunks_come_as_they_are_written_from_another_thread():
    reader, chunks = connection(), []
    thread = threading.Thread(target=lambda: chunks.extend(reader.chunks()))
    thread.start()
    only(reader).offer(frame(11))
    reader.end()
    thread.join(10)
    assert b"".join(chunks) == frame(11).encoded


def test_the_end_comes_after_what_is_queued_and_says_when_to_come_back():
    reader = connection()
    only(reader).offer(frame(11))
    reader.end(retry_ms=1000)
    sent = b"".join(reader.chunks())
    assert sent.startswith(frame(11).encoded + b"retry: ")
    [(field, for_scripts)] = re.findall(rb"retry: (\d+)\n\nevent: retry\ndata: (\d+)\n\n$", sent)
    assert field == for_scripts and 500 <= int(field) <= 1500


def test_ending_twice_is_ending_once():
    reader = connection()
    reader.end()
    reader.end(retry_ms=1000)
    assert b"".join(reader.chunks()) == b""


# Networks that hold an answer back until it ends


def test_a_long_poll_ends_after_the_first_change():
    reader = connection(wait=30)
    only(reader).offer(frame(11))
    only(reader).offer(frame(12))
    assert reader.ended
    assert b"".join(reader.chunks()) == frame(11).encoded


def test_a_long_poll_without_news_ends_when_its_time_is_over():
    assert list(connection(wait=0.05).chunks()) == []


def test_a_poll_that_does_not_wait_ends_at_once():
    reader = connection(wait=0)
    assert reader.ended and list(reader.chunks()) == []


def test_a_poll_ends_with_what_was_missed():
    reader = connection(wait=30, started=False)
    start(reader, Frame(10, 12, "<caught up>"))
    assert reader.ended and b"caught up" in b"".join(reader.chunks())


# The first bytes


def test_the_first_bytes_say_when_to_come_back_where_the_reader_stands_and_that_it_works():
    preamble = connection().preamble(2000, 15).decode()
    assert preamble.startswith("retry: ")
    assert preamble.partition("\n\n")[2] == "id: 10\n\nevent: beat\ndata: 15\n\n"


def test_the_first_bytes_hold_the_old_cursor_because_the_catch_up_is_still_to_come():
    reader = connection()
    only(reader).offer(frame(11))
    assert b"id: 10\n\n" in reader.preamble(2000, 15)


def test_a_reader_who_stands_nowhere_is_given_no_place():
    assert b"id:" not in connection(cursor=-1).preamble(2000, 15)


@pytest.mark.parametrize(("seconds", "data"), [(15, b"15"), (0.5, b"0.5"), (2.0, b"2")])
def test_a_heartbeat_says_when_the_next_one_comes(seconds, data):
    assert beat(seconds) == b"event: beat\ndata: " + data + b"\n\n"


def test_a_heartbeat_on_the_way_says_where_the_reader_has_to_stand():
    reader = connection()
    only(reader).offer(frame(11))
    reader.beat(15)
    reader.end()
    expected = frame(11).encoded + b"event: revision\ndata: 11\n\n" + beat(15)
    assert b"".join(reader.chunks()) == expected


def test_a_heartbeat_names_no_place_to_a_reader_who_stands_nowhere_yet():
    reader = connection(cursor=-1, started=False)
    reader.beat(15)
    assert [event.name for event in received(reader)] == ["beat"]


def test_a_heartbeat_does_not_say_more_than_was_queued_before_it(monkeypatch):
    """Another thread may send it in the middle of an offer."""
    reader = connection()
    write = Connection.write

    def write_later(connection: Connection, chunk: bytes) -> None:
        monkeypatch.undo()
        connection.beat(15)
        write(connection, chunk)

    monkeypatch.setattr(Connection, "write", write_later)
    only(reader).offer(frame(11))
    assert [(event.name, event.data) for event in received(reader)][0] == ("revision", "10")


def test_a_thousand_readers_do_not_come_back_at_once():
    moments = {jittered(2000) for _ in range(1000)}
    assert min(moments) >= 1000 and max(moments) <= 3000 and len(moments) > 300
