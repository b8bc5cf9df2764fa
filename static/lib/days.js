const DATE = { weekday: "long", day: "numeric", month: "long" }
const DATE_OF_ANOTHER_YEAR = { ...DATE, year: "numeric" }
const DAY = 24 * 60 * 60 * 1_000 // ms

const listeners = new Set()
let today = dayOf(new Date())
let timer = null

/** The day of a moment in the reader's time zone, as text for comparisons. */
export function dayOf(at) {
  return at.toDateString()
}

/** "Today", "Yesterday" or the date, in the reader's language. */
export function wordsFor(at) {
  const days = daysAgo(at)
  if (days === 0 || days === 1) return relative(days)
  return at.toLocaleDateString([], at.getFullYear() === new Date().getFullYear() ? DATE : DATE_OF_ANOTHER_YEAR)
}

/** How many midnights lie between then and now. */
export function daysAgo(at) {
  const [then, now] = [at, new Date()].map((day) => new Date(day).setHours(12, 0, 0, 0))
  return Math.round((now - then) / DAY) // from noon to noon, because a day may have 23 hours
}

/**
 * Calls `listener` when another day begins, or has begun while the computer slept. Returns a function that stops this.
 */
export function onNewDay(listener) {
  if (!timer) document.addEventListener("visibilitychange", look)
  listeners.add(listener)
  look()
  return () => listeners.delete(listener)
}

function look() {
  const now = dayOf(new Date())
  if (now !== today) {
    today = now
    for (const listener of listeners) listener()
  }
  clearTimeout(timer)
  timer = setTimeout(look, new Date().setHours(24, 0, 0, 0) - Date.now())
}

function relative(days) {
  const words = new Intl.RelativeTimeFormat([], { numeric: "auto" }).format(-days, "day")
  return words[0].toUpperCase() + words.slice(1)
}
