import { backoff } from "./backoff.js"
import FetchedEvents from "./fetched_events.js"
import Polling from "./polling.js"
import Rhythm from "./rhythm.js"
import takeSlot from "./slots.js"
import Trial from "./trial.js"
import Turns from "./turns.js"

const LATENCY = 4_000 // ms that a slow network may need on top of what the server was asked to wait
const QUIET_LIMIT = 5_000 // ms without the server before anybody is told
const WATCH = 500 // ms between looks at the clock
const CALM = 60_000 // ms without a loss, after which the next one counts as an accident and not as the network's habit

/**
 * Keeps one EventSource open to `address()`, whatever happens to it, and gives each change to `deliver(event)`. It fetches
 * answers that end instead.
 *
 * A box between here and the server may drop an event, or let another overtake it. Then `deliver` returns false for the
 * next event, or a heartbeat comes with positions that the page has not `reached(positions)`. `withdraw(name)` hears of a
 * stream that ends for this reader while the others go on.
 *
 * It trusts heartbeats (`event: beat`, data: seconds until the next) and nothing else: readyState stays OPEN on sockets
 * that died in silence, and an EventSource that met a 502 never tries again. Each new connection starts at the cursor in
 * its address, so the cure for every doubt is to close the connection and open another.
 *
 * polling.js decides whether the answers stream or end. `report(state)` hears of every change of state. Where the server
 * refuses, `check(status)` resolves to "here", which means to try again, or to the state in which the connection ends.
 */
export default class Connection {
  running = false
  failures = 0
  losses = 0
  lossAt = 0
  restingUntil = 0
  turns = new Turns()

  constructor({ address, deliver, reached, withdraw, report, check }) {
    Object.assign(this, { address, deliver, reached, withdraw, report, check })
    this.polling = new Polling()
    this.rhythm = new Rhythm()
    this.trial = new Trial(this.stopPolling)
  }

  async start() {
    if (this.running || this.finished) return
    this.running = this.starting = true
    this.lost()
    this.polling.hurry()
    this.watch = setInterval(this.tick, WATCH)
    await this.takeSlot()
    this.starting = false
    if (this.running && !this.source) this.open()
  }

  stop() {
    this.running = false
    this.close()
    clearInterval(this.watch)
    clearTimeout(this.timer)
    this.trial.stop()
    this.slot?.()
    this.slot = this.lostAt = this.state = null
  }

  reconnect() {
    this.failures = 0
    if (!this.running) this.start()
    else if (!this.starting) this.open()
  }

  /** The page has other regions now: opens again if it runs, and tells them how it is. What was refused may be asked for. */
  renew() {
    this.finished = false
    this.state = null
    if (!this.running) return
    this.lost()
    this.polling.hurry()
    this.reconnect()
  }

  // The server may be out of reach. The page says so only if that lasts.
  lost() {
    this.lostAt ??= Date.now()
  }

  open = () => {
    clearTimeout(this.timer)
    this.close()
    this.openedAt = Date.now()
    this.heard = this.delivered = false
    this.doubtful = Infinity
    this.pause = null
    const wait = this.polling.next(this.slot)
    this.deadline = this.openedAt + (wait === undefined ? this.polling.firstBeat : wait * 1_000 + LATENCY)
    const url = this.address(wait, this.rhythm.wanted)
    this.source = wait === undefined ? new EventSource(url) : new FetchedEvents(url)
    const { beat, message, compare: revision, gone, rest, comeBack: retry, ended: error } = this
    this.turns.listen(this.source, { beat, message, revision, gone, rest, retry, error })
  }

  beat = ({ data }) => {
    if (this.heard) this.rhythm.kept()
    this.heard = true
    this.soundAt = Date.now()
    this.failures = 0
    this.lostAt = null
    if (!this.polling.active) this.expect(Number(data) * 1_000)
    this.polling.heard()
    this.tell(this.polling.state)
  }

  // One late beat is doubtful, two are enough.
  expect(interval) {
    this.interval = interval
    this.doubtful = Date.now() + interval + LATENCY
    this.deadline = this.doubtful + interval
  }

  message = (event) => {
    this.delivered = true
    this.soundAt = Date.now()
    if (!this.deliver(event)) this.incomplete()
  }

  compare = ({ data }) => {
    if (!this.reached(data)) this.incomplete()
  }

  // Beats still arrive on such a network, so the back-off depends on the time since the last loss.
  incomplete() {
    this.close()
    this.lost()
    const now = Date.now()
    if (now - this.lossAt > CALM) this.losses = 0
    this.lossAt = now
    this.schedule(backoff(this.losses++))
  }

  gone = ({ data }) => this.withdraw(decodeURIComponent(data))

  // This reader has too many streams, and this is the oldest one. For that many seconds the page polls instead.
  rest = ({ data }) => {
    this.restingUntil = Date.now() + Number(data) * 1_000
    this.slot?.()
    this.slot = null
  }

  // The server ends the stream and names the pause (in ms) before this reader may come back, so that not all come at once.
  comeBack = ({ data }) => {
    this.pause = Number(data)
  }

  // The EventSource never reconnects by itself here: its own attempts know neither back-off nor the mode.
  ended = () => {
    const { readyState, status } = this.source
    this.close()
    if (this.heard) return this.resume()
    this.lost()
    const refused = readyState === EventSource.CLOSED
    if (this.polling.shorten(false, refused)) return this.open()
    if (refused && !(status >= 500)) return this.diagnose(status)
    this.retry()
  }

  // The network works: this answer has only come to its end.
  resume() {
    if (this.polling.active) {
      return this.schedule(Math.max(this.pause ?? 0, this.polling.pause(this.lasted, this.delivered)))
    }
    this.lost()
    if (this.pause === null) this.rhythm.cut(Date.now() - this.soundAt)
    this.schedule(this.pause ?? Math.random() * (this.lasted > 5_000 ? 500 : 2_000))
  }

  // A stream that is only slow gets its chance beside the first polls.
  late() {
    this.close()
    const streaming = !this.polling.active
    if (!this.heard && this.polling.shorten(true)) {
      this.open()
      if (streaming) this.tryStreaming()
    } else {
      this.lost()
      if (this.heard && streaming) this.rhythm.missed(this.interval)
      if (this.heard) this.open()
      else this.retry()
    }
  }

  async diagnose(status) {
    const verdict = await this.check(status)
    if (!this.running || this.source) return
    if (verdict === "here") return this.retry()
    this.finished = true
    this.stop()
    this.tell(verdict)
  }

  retry() {
    this.schedule(backoff(this.failures++))
  }

  schedule(delay) {
    clearTimeout(this.timer)
    this.timer = setTimeout(this.open, delay)
  }

  tick = () => {
    const now = Date.now()
    if (this.source && now > this.doubtful) this.lost()
    if (this.source && now > this.deadline) this.late()
    if (this.lostAt && now - this.lostAt > QUIET_LIMIT) this.tell("offline")
    if (!this.slot) this.takeSlot()
    if (this.slot && this.polling.worthATrial) this.tryStreaming()
  }

  // Beside the polls and not instead of them, so that nothing is late on a network that still holds streams back.
  tryStreaming() {
    this.polling.trialStarts()
    this.trial.start(this.address())
  }

  stopPolling = () => {
    this.polling.stop()
    this.open()
  }

  async takeSlot() {
    if (Date.now() < this.restingUntil) return
    const slot = await takeSlot()
    if (slot && (!this.running || this.slot)) slot()
    else this.slot = slot
  }

  tell(state) {
    if (this.state === state) return
    this.state = state
    this.report(state)
  }

  close() {
    this.source?.close()
    this.source = null
    this.turns.drop()
  }

  get lasted() {
    return Date.now() - this.openedAt
  }
}
