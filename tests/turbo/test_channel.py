import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.turbo import Connection, Cursor, Frame
from chatapp.turbo.channel import LARGEST, Channel


def frame(revision: int, after: int | None = None, full: bool = False) -> Frame:
    return Frame(revision - 1 if after is None else after, revision, f"<{revision}>", full)


class Reader(Cursor):
    """Notes the revisions that it was given."""

    def __init__(self, position: int):
        super().__init__(Connection({}), "page:1", position)
        self.seen: list[int] = []
        self.start(None)

    def offer(self, frame: Frame, anyway: bool = False) -> None:
        if anyway or frame.revision > self.position:
            self.position = frame.revision
            self.seen.append(frame.revision)


@pytest.fixture
def reader() -> Reader:
    return Reader(10)


@pytest.fixture
def channel(reader) -> Channel:
    channel = Channel("page:1")
    channel.cursors.add(reader)
    channel.begin(10)
    return channel


def test_the_next_frame_is_handed_out(channel, reader):
    channel.receive(frame(11))
    assert (reader.seen, channel.revision, channel.has_gap) == ([11], 11, False)


def test_every_reader_gets_it(channel, reader):
    other = Reader(10)
    channel.cursors.add(other)
    channel.receive(frame(11))
    assert reader.seen == other.seen == [11]


def test_a_frame_that_comes_twice_is_handed_out_once(channel, reader):
    for revision in (11, 11, 12, 11, 12):
        channel.receive(frame(revision))
    assert reader.seen == [11, 12]


def test_old_news_is_dropped(channel, reader):
    channel.receive(frame(10))
    channel.receive(frame(3))
    assert (reader.seen, channel.revision) == ([], 10)


def test_frames_in_the_wrong_order_are_handed_out_in_the_right_one(channel, reader):
    for revision in (13, 12, 11):
        channel.receive(frame(revision))
    assert reader.seen == [11, 12, 13] and not channel.has_gap


def test_a_frame_after_a_gap_waits(channel, reader):
    channel.receive(frame(12))
    assert (reader.seen, channel.has_gap) == ([], True)


def test_what_fills_the_gap_lets_the_waiting_frame_go_on(channel, reader):
    channel.receive(frame(12))
    channel.fill(frame(11, after=10))
    assert (reader.seen, channel.has_gap) == ([11, 12], False)


def test_a_filling_that_covers_the_waiting_frames_replaces_them(channel, reader):
    channel.receive(frame(12))
    channel.receive(frame(14))
    channel.fill(frame(14, after=10))
    assert (reader.seen, channel.has_gap) == ([14], False)


def test_a_filling_that_came_too_late_is_not_handed_out(channel, reader):
    channel.receive(frame(11))
    channel.receive(frame(12))
    channel.fill(frame(12, after=10))
    assert reader.seen == [11, 12]


def test_a_whole_page_that_is_older_than_what_was_handed_out_is_dropped(channel, reader):
    channel.fill(frame(4, after=0, full=True))
    assert (reader.seen, channel.revision) == ([], 10)


def test_what_came_while_a_whole_page_was_read_follows_it(channel, reader):
    channel.receive(frame(151))
    channel.fill(frame(150, after=0, full=True))
    assert reader.seen == [150, 151] and not channel.has_gap


def test_after_the_database_was_put_back_waiting_frames_of_the_other_past_are_forgotten(channel, reader):
    channel.receive(frame(13))
    channel.put_back(frame(4, after=0, full=True))
    channel.receive(frame(5))
    assert reader.seen == [4, 5] and not channel.has_gap


def test_a_catch_up_serves_the_next_reader_from_there_until_there_is_news(channel):
    channel.remember(7, frame(10, after=7))
    assert channel.catch_up(7) == frame(10, after=7) and channel.catch_up(8) is None
    channel.receive(frame(11))
    assert channel.catch_up(7) is None


def test_a_catch_up_that_news_overtook_while_it_was_read_serves_nobody_else(channel):
    channel.receive(frame(11))
    channel.remember(7, frame(10, after=7))
    assert channel.catch_up(7) is None


def test_after_the_database_was_put_back_no_catch_up_of_the_other_past_is_served(channel):
    channel.remember(2, frame(10, after=2))
    channel.put_back(frame(4, after=0, full=True))
    assert channel.catch_up(2) is None


def test_few_catch_ups_are_kept(channel):
    for cursor in range(9):
        channel.remember(cursor, frame(10, after=cursor))
    assert sum(channel.catch_up(cursor) is not None for cursor in range(9)) <= 4


def test_what_redis_brings_before_the_database_was_asked_waits(reader):
    channel = Channel("page:1")
    channel.cursors.add(reader)
    for revision in (10, 11, 12):
        channel.receive(frame(revision))
    assert reader.seen == []
    channel.begin(11)
    assert (reader.seen, channel.revision) == ([12], 12)


def test_to_begin_again_changes_nothing(channel, reader):
    channel.receive(frame(11))
    channel.begin(20)
    assert channel.revision == 11


@given(st.lists(st.integers(1, 12), max_size=40), st.data())
def test_whatever_redis_loses_doubles_and_swaps_a_reader_sees_each_revision_once_and_in_order(arrivals, data):
    reader, channel = Reader(0), Channel("page:1")
    channel.cursors.add(reader)
    arrivals.insert(data.draw(st.integers(0, len(arrivals))), None)  # the moment of the first read
    for arrival in arrivals:
        channel.begin(0) if arrival is None else channel.receive(frame(arrival))
    assert reader.seen == sorted(set(reader.seen))
    assert reader.seen == list(range(1, len(reader.seen) + 1))
    channel.fill(frame(12, after=channel.revision))
    assert reader.seen[-1] == channel.revision == 12
    assert not channel.has_gap


def test_a_catch_up_that_takes_much_room_is_not_kept(channel):
    channel.remember(7, Frame(7, 10, "x" * (LARGEST + 1)))
    assert channel.catch_up(7) is None
