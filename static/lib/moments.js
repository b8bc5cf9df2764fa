const FULL = { dateStyle: "full", timeStyle: "short" }
const formats = new Map() // making one takes longer than using it for a whole page

/** "Sunday, 29 November 2026 at 14:30", in the reader's zone and language. */
export function inFull(date) {
  return words(date, FULL)
}

/** `date` in the reader's language, by the options of Intl.DateTimeFormat, and with the reader's clock. */
export function words(date, style) {
  const { clock = "" } = document.documentElement.dataset
  const key = clock + JSON.stringify(style)
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat([], withClock(style, clock)))
  return formats.get(key).format(date)
}

/** The reader may be in another time zone by now. */
export function forgetFormats() {
  formats.clear()
}

// The reader's clock may differ from that of the language.
function withClock(style, clock) {
  const hourCycle = { 12: "h12", 24: "h23" }[clock]
  return hourCycle && (style.timeStyle || style.hour) ? { ...style, hourCycle } : style
}
