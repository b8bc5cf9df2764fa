"""The problems of the whole place in plain words, found in the points of the last hour."""

from collections.abc import Iterator

from chatapp.lib.plot import quantile
from chatapp.turbo.delays import BOUNDS

from .last_hour import LastHour, Step
from .vitals import STEP
from .vitals_words import counted, duration, in_words

#: Seconds that a job may wait, a change may take, and the database may take, before somebody should look.
LONG_WAIT, LONG_DELAY, SLOW_DATABASE = 60, 2.0, 1.0
#: The fewest deliveries that make a delay worth a word, and the fewest lost changes that do.
FEW, SOME_LOSSES = 20, 10
#: The part of the limit of streams from which on somebody should look.
NEARLY_FULL = 0.9
#: Within this many points, lost replies and stopped workers usually come back by themselves.
SOON = 3
#: Seconds that count as lately; and seconds without a point after which nobody notes points any more.
LATELY, STALE = 600, 3 * STEP


class Alarms:
    """Yields, for ``hour``, what somebody should look after."""

    def __init__(self, hour: LastHour):
        self.hour, self.steps = hour, hour.steps
        self.lately = [step for step in self.steps if step.at > hour.now - LATELY]

    def __iter__(self) -> Iterator[str]:
        if not self.steps:
            return
        silence = self.hour.now - self.steps[-1].at
        if silence > STALE:
            yield f"Nothing has been noted for {in_words(silence)}: what you see is older than that."
            return
        yield from self._of_workers(self.steps[-1])
        yield from self._of_the_database(self.steps[-1])
        yield from self._of_requests()
        yield from self._of_streams(self.steps[-1])

    def _of_workers(self, step: Step) -> Iterator[str]:
        for queue, kind, without in (
            ("replies", "replies", "Assistants do not answer."),
            ("default", "jobs", "Pictures, previews and titles wait."),
        ):
            waits, running = step.of("oldest", queue) or 0, self._is_running(kind)
            if waits > LONG_WAIT and running:
                yield f"Jobs wait for {in_words(waits)}, although a worker is running. Start another one."
            elif waits > LONG_WAIT:
                yield f"Jobs wait for {in_words(waits)}: is the worker running? {without}"
            elif not running:
                yield f"No worker for {'replies' if kind == 'replies' else 'other jobs'} is running. {without}"
        if min((one.now("abandoned") or 0 for one in self.steps[-SOON:]), default=0):
            lost = counted(step.now("abandoned"), "reply has", "replies have")
            yield f"{lost} lost the worker that wrote it, and no other has gone on."
        if failed := self._more("failed_jobs", self.steps):
            jobs = counted(failed, "job has", "jobs have")
            yield f"{jobs} failed in the last hour. The log says which, and so does “rq info”."

    def _is_running(self, kind: str) -> bool:
        """Whether one of the last points had such a worker. A deploy replaces it, and a new place has yet to start
        it."""
        return len(self.steps) < SOON or any(step.of("processes", kind) for step in self.steps[-SOON:])

    def _of_the_database(self, step: Step) -> Iterator[str]:
        if not step.now("database_up"):
            yield "The database does not answer."
        elif (step.now("database_seconds") or 0) > SLOW_DATABASE:
            yield f"The database is slow: a small question took {duration(step.now('database_seconds'))}."

    def _of_requests(self) -> Iterator[str]:
        if broken := self._more("broken"):
            requests = counted(broken, "request has", "requests have")
            yield f"{requests} failed in the last 10 minutes. The log has a line with ERROR for each."
        if cut_off := self._more("cut_off"):
            readers = counted(cut_off, "reader was", "readers were")
            yield f"{readers} cut off in the last 10 minutes for being too slow. Their pages catch up by themselves."

    def _of_streams(self, step: Step) -> Iterator[str]:
        streams, limit = step.now("streams") or 0, step.now("limit") or 0
        if put_off := self._more("put_off"):
            pages = counted(put_off, "page was", "pages were")
            yield f"{pages} put off in the last 10 minutes: too many streams, or the database was away."
        elif limit and streams > NEARLY_FULL * limit:
            yield f"{streams:,.0f} of {limit:,.0f} streams are open. Start more web processes."
        losses = self._more("losses")
        if losses >= SOME_LOSSES:
            yield f"Redis lost {losses:,.0f} changes in the last 10 minutes. They came late, from the database."
        if (late := self._usual_delay()) and late > LONG_DELAY:
            yield f"Changes take {duration(late)} to arrive. The web processes are too busy, or the clocks differ."

    def _usual_delay(self) -> float | None:
        pairs = [(step.point["delays"], step.before["delays"]) for step in self.lately if step.before]
        counts = [sum(max(0, after[n] - before[n]) for after, before in pairs) for n in range(len(BOUNDS) + 1)]
        return quantile(0.95, BOUNDS, counts) if sum(counts) >= FEW else None

    def _more(self, name: str, steps: list[Step] | None = None) -> float:
        return sum(step.more(name) or 0 for step in (self.lately if steps is None else steps))
