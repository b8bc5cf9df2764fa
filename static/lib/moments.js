const FULL = { dateStyle: "full", timeStyle: "short" }

/** "Sunday, 29 November 2026 at 14:30", in the reader's zone and language. */
export function inFull(date) {
  return date.toLocaleString([], withClock(FULL))
}

/** The options of a time with the reader's clock, which may be another than that of the language. */
export function withClock(style) {
  const hourCycle = { 12: "h12", 24: "h23" }[document.documentElement.dataset.clock]
  return hourCycle ? { ...style, hourCycle } : style
}
