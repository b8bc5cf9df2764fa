const KEY = "turbo:beat"
const SHARE = 0.6 // the pause between two heartbeats, as a share of the silence that the network allows
const SHORTEST = 2 // s, the least that the server gives
const LIKE = 0.2 // the most by which two equal silences may differ, as a share

/**
 * How often this network needs a heartbeat. Some boxes end an answer after a few quiet seconds, before the server's next
 * heartbeat. Two cuts in a row after the same silence are no accident: for the rest of the visit the page asks for a
 * shorter interval.
 */
export default class Rhythm {
  constructor() {
    this.wanted = Number(sessionStorage.getItem(KEY)) || undefined
  }

  /** A stream was cut, by somebody who is not the server, after `silence` ms in which nothing came. */
  cut(silence) {
    const again = Math.abs(silence - this.last) < LIKE * silence // false the first time: undefined is no number
    this.last = silence
    if (again) this.ask((silence / 1_000) * SHARE)
  }

  /** No heartbeat came after `interval` ms: a box has forgotten the connection, and told nobody. */
  missed(interval) {
    if (this.silent) this.ask(interval / 3_000)
    this.silent = true
  }

  /** A stream lived from one heartbeat to the next. */
  kept() {
    this.silent = false
  }

  ask(seconds) {
    const shorter = Math.max(SHORTEST, Math.floor(seconds))
    if (shorter >= this.wanted) return // false before the first cut
    this.wanted = shorter
    sessionStorage.setItem(KEY, shorter)
  }
}
