import EventStreamParser from "turbo/event_stream"
import { verdictOn, verdictOnCuts } from "lib/network_verdict"

const BEATING = 4 // s of the quick part
const LONGER = 4 // s of beats before the second silence, where the first one had 1
const LONGEST_SILENCE = 60 // s, the most that the server gives
const LATENCY = 8_000 // ms beyond the time that the probe takes

/** Nobody is logged in any more. */
export class LoggedOut extends Error {}

/**
 * Asks the server for streams whose content is known beforehand, and looks what becomes of them. Rejects with
 * LoggedOut, and with AbortError once `signal` is aborted; whatever the network does is a result, not an error.
 */
export default class NetworkProbe {
  constructor({ url, signal }) {
    Object.assign(this, { url, signal })
  }

  /** About four seconds: { measurement, verdict }. */
  async quick() {
    const measurement = await this.measure(BEATING, 0)
    return { measurement, verdict: verdictOn(measurement) }
  }

  /** Tests `seconds` without a byte: null when the network stood that, else the verdict (which takes a second try). */
  async silence(seconds) {
    const length = Math.min(LONGEST_SILENCE, Math.ceil(seconds))
    const first = await this.measure(1, length)
    if (first.whole) return null
    if (first.trouble) return verdictOn(first)
    return verdictOnCuts(first, first.lost ? first : await this.measure(LONGER, length))
  }

  async measure(beating, silence) {
    const timeout = AbortSignal.timeout((beating + silence) * 1_000 + LATENCY)
    const reading = new Reading(beating + (silence > 0 ? 1 : 0))
    try {
      const response = await fetch(`${this.url}?seconds=${beating}&silence=${silence}`, {
        headers: { Accept: "text/event-stream" }, cache: "no-store", signal: AbortSignal.any([timeout, this.signal]),
      })
      reading.began(response)
      if (!reading.trouble) await reading.read(response.body)
    } catch (error) {
      if (this.signal.aborted || error instanceof LoggedOut) throw error
      reading.failed(timeout.aborted)
    }
    return reading.measurement
  }
}

/** One answer, as it arrives. */
class Reading {
  startedAt = performance.now()
  events = []
  answered = false
  lost = false

  constructor(expected) {
    this.expected = expected
  }

  began(response) {
    if (response.redirected || response.status === 401) throw new LoggedOut()
    this.answered = true
    this.via = response.headers.get("Via")
    this.encoding = response.headers.get("Content-Encoding")
    this.trouble = foreign(response)
    this.type = response.headers.get("Content-Type") ?? "no type"
    if (this.trouble) response.body?.cancel()
  }

  async read(body) {
    const parser = new EventStreamParser((event) => this.hear(event))
    for await (const piece of pieces(body.pipeThrough(new TextDecoderStream()))) parser.push(piece)
    this.endedAt = this.now
  }

  hear({ lastEventId, data }) {
    this.events.push({ number: Number(lastEventId), sentAt: Number(data), arrivedAt: this.now })
  }

  failed(lost) {
    this.endedAt = this.now
    this.lost = lost
    if (!this.answered && !lost) this.trouble = `No answer came: the connection failed after ${(this.now / 1000).toFixed(1)} seconds.`
  }

  get now() {
    return performance.now() - this.startedAt
  }

  get measurement() {
    const { events, expected, lost, via, encoding, endedAt } = this
    const whole = events.at(-1)?.number === expected
    const retyped = this.type && !this.type.startsWith("text/event-stream") ? this.type : null
    const trouble = this.trouble ?? (retyped && events.length === 0 ? `Something answered with ${retyped} instead of a stream.` : null)
    return { retyped, events, expected, whole, lost, trouble, via, encoding, endedAt: endedAt ?? this.now }
  }
}

// Not every browser can iterate over a stream.
async function* pieces(stream) {
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

function foreign({ status }) {
  if (status === 429) return "You have tested often in a short time. Wait a minute and test again."
  return status === 200 ? null : `Something answered ${status} instead of a stream.`
}
