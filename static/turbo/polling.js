const LONGEST_WAIT = 25 // s that the server may hold an answer: below the 30 s that routers allow
const PAUSE = 1_500 // ms between short polls: with the time a request takes, nothing comes later than two seconds
const FIRST_TRIAL = 4_000 // ms until streaming is tried again, then four times as long …
const LAST_TRIAL = 300_000 // … up to this
const FIRST_BEAT = 1_250 // ms in which a stream usually says its first beat; without it, polls begin
const FIRST_BEAT_AGAIN = 5_000 // ms, where a stream has passed before: it is rather the server that is busy
const KEY = "turbo:polling"

/**
 * Answers that end, for networks that hold back what streams.
 *
 * Some proxies and virus scanners pass an answer on only when it has ended. A stream never ends, and the browser gets no
 * error: only the missing heartbeat tells. The same address with `wait=S` ends after the first change or after S seconds,
 * and passes. S starts at 0 and grows with each answer that came; an answer that did not come halves the limit, down to
 * asking every two seconds. What was found out is remembered for the visit, and streaming is tried again from time to time.
 *
 * A page without a slot (see slots.js) asks every two seconds too, for as long as it has none.
 */
export default class Polling {
  static passed = false // a stream has, since this document was loaded

  wait = 0
  trialAfter = FIRST_TRIAL

  constructor() {
    const limit = sessionStorage.getItem(KEY)
    this.held = this.confirmed = limit !== null
    this.limit = limit === null ? LONGEST_WAIT : Number(limit)
    this.since = Date.now()
  }

  /** Seconds for the `wait` of the next request; undefined: let it stream. */
  next(slot) {
    this.slotless = !slot
    if (!this.active) return undefined
    if (this.slotless) this.wait = 0
    return this.wait
  }

  /** The next answer ends at once, because somebody waits to hear how it is. */
  hurry() {
    this.wait = 0
  }

  /** ms in which a stream has to say its first beat. */
  get firstBeat() {
    return Polling.passed ? FIRST_BEAT_AGAIN : FIRST_BEAT
  }

  get active() {
    return this.held || this.slotless
  }

  get state() {
    if (!this.active) return "streaming"
    return this.limit > 0 && !this.slotless ? "long-poll" : "short-poll"
  }

  /** A beat came. */
  heard() {
    if (this.slotless) return
    if (this.held) return this.remember()
    Polling.passed = true
    this.forget()
  }

  /** An answer ended in good order after `lasted` ms: ms until the next request. */
  pause(lasted, delivered) {
    const waited = this.wait
    this.wait = this.slotless ? 0 : Math.min(this.limit, this.wait * 2 + 1)
    if (this.wait === 0) return PAUSE * (1 - Math.random() / 4)
    return waited > 0 && lasted < 500 && !delivered ? PAUSE : 0 // a server that does not wait must not be asked in a loop
  }

  /**
   * Nothing came: the request ended, or was `late`. True when shorter answers are worth a try at once, false when the
   * length is not the cause. A `refused` stream may have lost its Content-Type on the way, which answers that end do not
   * need.
   */
  shorten(late, refused = false) {
    if (!this.active) {
      if (late) Polling.passed = false
      return (this.held = late || refused)
    }
    if (this.wait === 0) {
      this.held = this.held && this.confirmed
      return false
    }
    this.limit = Math.floor(this.wait / 2)
    this.wait = 0
    this.remember()
    return true
  }

  stop() {
    this.held = false
    this.forget()
  }

  get worthATrial() {
    return this.held && this.confirmed && Date.now() - this.since > this.trialAfter
  }

  trialStarts() {
    this.since = Date.now()
    this.trialAfter = Math.min(LAST_TRIAL, this.trialAfter * 4)
  }

  remember() {
    if (!this.confirmed) this.since = Date.now()
    this.confirmed = true
    sessionStorage.setItem(KEY, this.limit)
  }

  forget() {
    this.confirmed = false
    this.limit = LONGEST_WAIT
    this.wait = 0
    sessionStorage.removeItem(KEY)
  }
}
