"""static/turbo/turns.js, in Node: the events of one packet do not make one long task."""

import json
import subprocess

from tests.servers import PROJECT

MODULE = PROJECT / "static" / "turbo" / "turns.js"
EVENTS, WORK = 12, 5  # events in one packet; ms that each of them takes
#: Says which event was heard in which task. Microtasks run at the end of each one.
SCRIPT = """
const [module, events, ms, last] = process.argv.slice(1)
const { default: Turns } = await import(module)
const turns = new Turns()
const source = new EventTarget()
const heard = []
let task = 0
let ends = false

function note(detail) {
  if (!ends) queueMicrotask(() => { task++; ends = false })
  ends = true
  heard.push([task, detail])
}

function hear({ detail }) {
  const until = performance.now() + Number(ms)
  while (performance.now() < until);
  note(detail)
  if (detail === Number(last)) turns.drop()
}

turns.listen(source, { message: hear, ended: ({ detail }) => note(detail) })
for (let n = 0; n < Number(events); n++) source.dispatchEvent(new CustomEvent("message", { detail: n }))
source.dispatchEvent(new CustomEvent("ended", { detail: "ended" }))
const over = () => heard.some(([, detail]) => detail === "ended" || detail === Number(last))
const looking = setInterval(() => {
  if (!over()) return
  clearInterval(looking)
  setTimeout(() => { console.log(JSON.stringify(heard)); process.exit() }, 200)
}, 10)
"""


def heard(work: int = WORK, last: int = -1) -> list:
    """Pairs of a task and the event that it heard. After the event ``last`` the others are forgotten."""
    command = ["node", "--input-type=module", "-e", SCRIPT, MODULE.as_uri(), str(EVENTS), str(work), str(last)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


def test_events_are_heard_in_their_order_and_so_is_the_end():
    assert [event for _, event in heard()] == [*range(EVENTS), "ended"]


def test_no_task_hears_more_of_them_than_fit():
    tasks = [task for task, _ in heard()]
    assert max(map(tasks.count, tasks)) <= 3  # two that take 5 of its 8 ms, and the end


def test_an_event_alone_is_heard_at_once():
    assert heard()[0] == [0, 0]


def test_what_waits_can_be_forgotten():
    assert [event for _, event in heard(last=4)] == [*range(5)]
