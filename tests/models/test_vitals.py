"""The points of the last hour, the lines that they make, and what they say is wrong."""

from datetime import timedelta

import pytest

from chatapp.extensions import db, metrics, queue
from chatapp.lib.metrics import key
from chatapp.models import Chat
from chatapp.models.alarms import Alarms
from chatapp.models.last_hour import HOUR, LastHour
from chatapp.models.mixins.timestamps import now
from chatapp.models.vitals import STEP, Vitals, point, survey

NOON = 1_700_000_000.0
QUIET = point({})
WELL = QUIET | {"processes": {"web": 1, "replies": 1, "jobs": 1}, "database_up": 1, "limit": 1500, "streams": 3}
BUCKETS = len(QUIET["delays"])


@pytest.fixture
def replies(alice):
    """Four of them: one leased, one abandoned, one that waits for its job and one for its turn."""
    chats = [Chat.start(alice.user, f"Questions {number}", assistant="always") for number in range(3)]
    found = [chat.post(alice.user, "How are you?").reply for chat in (*chats, chats[2])]
    db.session.flush()
    found[0].lease()
    found[1].leased_until = now() - timedelta(seconds=1)
    db.session.commit()
    return found


def minutes(*changes: dict, since: float = 60) -> LastHour:
    """The hour before noon in which the last points differ from a quiet one by ``changes``."""
    count = int(since // STEP)
    noted = [{} for _ in range(count - len(changes))] + list(changes)
    first = NOON - STEP * (count - 1)
    return LastHour([WELL | {"at": first + STEP * n} | change for n, change in enumerate(noted)], NOON)


def alarms(*changes: dict, since: float = 600) -> list[str]:
    return list(Alarms(minutes(*changes, since=since)))


def test_a_survey_tells_replies_by_what_they_wait_for(replies):
    found = survey()
    states = {state: found[key("plainwire_replies", state=state)] for state in ("leased", "abandoned", "waiting")}
    assert states == {"leased": 1, "abandoned": 1, "waiting": 2}
    assert found[key("plainwire_database_up")] == 1


def test_a_survey_tells_how_many_jobs_wait_and_since_when(app):
    queue.enqueue("chatapp.jobs.sweeps.delete_expired_sessions")
    queue.enqueue("chatapp.jobs.sweeps.compare_storage")
    found = survey()
    assert found[key("plainwire_queue_jobs", queue="default")] == 2
    assert found[key("plainwire_queue_jobs", queue="replies")] == 0
    assert 0 <= found[key("plainwire_queue_oldest_seconds", queue="default")] < 60


def test_one_point_is_noted_in_each_step_and_tells_what_the_processes_reported(app, alice):
    alice.get("/")
    metrics.report()
    for _ in range(3):
        Vitals().note()
    (noted,) = Vitals().history.points()
    assert sum(noted["requests"]) >= 1 and noted["statements"] >= 1
    assert noted["processes"]["web"] == 1 and noted["database_up"] == 1


def test_a_point_without_redis_is_no_error(dead_redis):
    Vitals().note()


def test_lines_tell_what_came_between_two_points():
    hour = minutes({"catch_ups": 0}, {"catch_ups": 10}, {"catch_ups": 11})
    assert [step.a_minute("catch_ups") for step in hour.steps][-2:] == [20, 2]


def test_lines_have_a_gap_where_nothing_was_noted():
    noted = [WELL | {"at": NOON - 600 + STEP * n} for n in range(20) if not 5 <= n < 12]
    hour = LastHour(noted, NOON)
    assert hour.gaps == [(NOON - 600 + 4 * STEP, NOON - 600 + 12 * STEP)]
    open_pages = hour.drawings(360, 72)[0]
    ((_, path, latest, most),) = open_pages.lines
    assert path.count("M") == 2 and (latest, most) == ("3", "3")
    assert len(hour.shaded(360)) == 1


def test_one_lost_point_is_no_gap():
    noted = [WELL | {"at": NOON - 600 + STEP * n} for n in range(20) if n != 7]
    assert LastHour(noted, NOON).gaps == []


def test_what_is_older_than_an_hour_is_left_out():
    assert [step.at for step in minutes(since=2 * HOUR).steps][0] > NOON - HOUR


def test_a_table_has_the_highest_value_of_each_five_minutes_the_newest_first():
    rows = minutes({"streams": 40}, {}, since=900).rows()
    assert len(rows) == 3
    assert [cells[0] for _, cells in rows] == ["40", "3", "3"]
    assert all(len(cells) == len(LastHour.columns()) for _, cells in rows)


def test_a_quiet_place_needs_nobody():
    assert alarms() == []
    assert list(Alarms(LastHour([], NOON))) == []


NO_JOBS, NO_REPLIES = ({"processes": {"web": 1, kind: 1}} for kind in ("replies", "jobs"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([{"oldest": {"default": 185.0}} | NO_JOBS] * 3, "Jobs wait for 3 minutes: is the worker running?"),
        ([{"oldest": {"replies": 90.0}}], "although a worker is running"),
        ([NO_REPLIES] * 3, "No worker for replies is running. Assistants do not answer."),
        ([{"abandoned": 2}] * 3, "2 replies have lost the worker"),
        ([{"failed_jobs": 1}], "1 job has failed in the last hour"),
        ([{"database_up": 0}], "The database does not answer."),
        ([{"database_seconds": 3.2}], "The database is slow: a small question took 3.2 s."),
        ([{"broken": 3}], "3 requests have failed in the last 10 minutes."),
        ([{"cut_off": 1}], "1 reader was cut off"),
        ([{"put_off": 4}], "4 pages were put off"),
        ([{"streams": 1400}], "1,400 of 1,500 streams are open."),
        ([{"losses": 30}], "Redis lost 30 changes"),
        ([{"delays": [0] * (BUCKETS - 2) + [30, 0]}], "to arrive. The web processes are too busy"),
    ],
)
def test_an_alarm_says_what_is_wrong_in_plain_words(changes, words):
    (said,) = alarms(*changes)
    assert words in said


def test_what_ends_by_itself_within_a_deploy_is_no_alarm():
    assert alarms({"abandoned": 2}, {}, {}) == []
    assert alarms(NO_JOBS, {}, {}) == []
    assert alarms(NO_JOBS, NO_JOBS, since=60) == []  # the place has just begun


def test_points_that_are_old_say_nothing_of_now():
    hour = LastHour([WELL | {"at": NOON - 400, "database_up": 0}, WELL | {"at": NOON - 370}], NOON)
    assert list(Alarms(hour)) == ["Nothing has been noted for 6 minutes: what you see is older than that."]
