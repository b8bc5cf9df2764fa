/**
 * Judges from the arrivals of a probe what the network does to streams. It only calculates: no clock, no network, no
 * page.
 *
 * A measurement has, in ms since the request was sent: `events` [{ number, sentAt, arrivedAt }] (sentAt by the server's
 * clock, since its first event), `endedAt`, and how it ended: `whole` (the last event came), `lost` (given up waiting).
 * Where no stream came, `trouble` holds words for the reader instead. `retyped` is the Content-Type where the network
 * has changed it.
 */
const LATE = 600 // ms that the line itself does not explain: events are a second apart
const TOGETHER = 400 // ms within which things arrive "at once"
const INTERVAL = 1_000 // ms between two events, and from the last one to the end

/**
 * The verdict on a probe that beats each second: `kind` is "streaming", "delayed", "delayed-one", "buffered", "cut-total",
 * "retyped" or "blocked", with `seconds` (held back, or until the cut), `type` or `trouble`.
 */
export function verdictOn(measurement) {
  const { trouble, events, whole, lost, endedAt } = measurement
  if (trouble) return { kind: "blocked", trouble }
  if (events.length === 0) return { kind: "blocked", trouble: nothingCame(lost, endedAt) }
  if (!whole || endsTooSoon(measurement)) return { kind: lost ? "cut-lost" : "cut-total", seconds: endedAt / 1000 }
  const late = lateness(measurement)
  if (median(late) < LATE) return measurement.retyped ? { kind: "retyped", type: measurement.retyped } : { kind: "streaming" }
  const seconds = Math.max(...late) / 1000
  if (endedAt - events[0].arrivedAt < TOGETHER) return { kind: "buffered", seconds }
  return { kind: isOneBack(late) ? "delayed-one" : "delayed", seconds }
}

/**
 * The verdict on two cuts, by whether they came after the same silence or at the same age. `second` began with a longer
 * time of beats than `first`. Kinds: "cut-silence", "cut-total", "cut-lost" (the moment is unknown) and "cut" (it did
 * not happen twice).
 */
export function verdictOnCuts(first, second) {
  if (first.lost) return { kind: "cut-lost", seconds: first.endedAt / 1000 }
  if (second.whole || second.lost || second.trouble) return { kind: "cut", seconds: first.endedAt / 1000 }
  const [silences, ages] = [[silence(first), silence(second)], [first.endedAt, second.endedAt]]
  return difference(silences) < difference(ages)
    ? { kind: "cut-silence", seconds: Math.min(...silences) / 1000 }
    : { kind: "cut-total", seconds: Math.min(...ages) / 1000 }
}

/** The verdict on a cut, once the seconds between two signs of the stream are known: `heartbeat`. */
export function verdictWith(heartbeat, verdict) {
  return verdict.kind === "cut-silence" && verdict.seconds <= heartbeat ? { ...verdict, kind: "cut-heartbeat" } : verdict
}

/** The numbers of a measurement, in ms; each is null where it is missing. */
export function figures(measurement) {
  const { events, endedAt } = measurement
  if (!events?.length) return { first: null, spread: null, sentSpread: null, latest: null, lasted: endedAt ?? null }
  const [first, last] = [events[0], events.at(-1)]
  return {
    first: first.arrivedAt,
    spread: last.arrivedAt - first.arrivedAt,
    sentSpread: last.sentAt - first.sentAt,
    latest: Math.max(...lateness(measurement)),
    lasted: endedAt,
  }
}

/** Returns a duration as people read it, and "–" for null. */
export function duration(ms) {
  if (ms === null) return "–"
  return Math.round(ms) < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

// The server ends no earlier than this, so the network did: after the last event, but before the end.
function endsTooSoon({ events, endedAt }) {
  return endedAt < events.at(-1).sentAt + INTERVAL - TOGETHER
}

// Sets the two clocks by what came with the least delay: an event, or the end, which nothing holds back.
function lateness({ events, endedAt, whole }) {
  const delays = events.map(({ sentAt, arrivedAt }) => arrivedAt - sentAt)
  const least = Math.min(...delays, whole ? endedAt - events.at(-1).sentAt - INTERVAL : Infinity)
  return delays.map((delay) => delay - least)
}

// The first event may have come along with the head of the answer.
function isOneBack([, ...late]) {
  return late.every((ms) => Math.abs(ms - INTERVAL) < TOGETHER)
}

function silence({ events, endedAt }) {
  return endedAt - (events.at(-1)?.arrivedAt ?? 0)
}

function difference([one, other]) {
  return Math.abs(one - other)
}

// The lower one of two.
function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor((numbers.length - 1) / 2)]
}

function nothingCame(lost, endedAt) {
  const seconds = (endedAt / 1000).toFixed(1)
  return lost ? `Nothing came in ${seconds} seconds.` : `The answer broke off after ${seconds} seconds, and nothing of it had come.`
}
