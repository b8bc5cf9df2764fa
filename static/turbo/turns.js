const LONGEST = 8 // ms of work in one task: half of a frame

/**
 * Hears the events of a source in their order, and pauses for other tasks in between: for the page to be painted, and for its
 * reader's keys. A browser hands on all events of one packet in one task, and there may be a hundred of them.
 *
 * A timer would not do: browsers delay those of hidden tabs.
 */
export default class Turns {
  waiting = []
  end = 0 // when the turn that has begun in this task is over; 0 without one
  channel = new MessageChannel()

  constructor() {
    this.channel.port1.onmessage = this.next
  }

  /** `listeners`: type of event → function. */
  listen(source, listeners) {
    for (const type in listeners) source.addEventListener(type, (event) => this.take(() => listeners[type](event)))
  }

  /** Forgets the events that wait. */
  drop() {
    this.waiting = []
  }

  take(work) {
    this.waiting.push(work)
    this.end ? this.go() : this.begin()
  }

  begin() {
    this.end = performance.now() + LONGEST
    this.channel.port2.postMessage(0)
    this.go()
  }

  go() {
    while (this.waiting.length && performance.now() < this.end) this.waiting.shift()()
  }

  next = () => {
    this.end = 0
    if (this.waiting.length) this.begin()
  }
}
