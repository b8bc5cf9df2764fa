import { take } from "./locks.js"

const SLOTS = 4

/**
 * The right to keep a request open for long, or null when the browser's other tabs have all of them: resolves to a function
 * that gives it back.
 *
 * Over HTTP/1.1 a browser opens six connections to a host, for all its tabs together: with six streams open no page
 * loads and no form is sent. Four may be kept, so two are always left. HTTP/2 has no such limit.
 */
export default async function takeSlot() {
  if (unlimited()) return () => {}
  for (let slot = 1; slot <= SLOTS; slot++) {
    const release = await take(`turbo-stream-${slot}`)
    if (release) return release
  }
  return null
}

function unlimited() {
  const [page] = performance.getEntriesByType("navigation")
  return !navigator.locks || /^h[23]/.test(page?.nextHopProtocol ?? "")
}
