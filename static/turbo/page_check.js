const LONGEST = 10_000 // ms

/**
 * Why does the stream not come? Asks for this page itself and resolves to "gone" (the page is no longer there for this
 * reader) or "here" (it is, or the server is out of reach: in both cases, try again).
 *
 * An app that has a log-in page, or can tell its own answers from those of a proxy, gives Stream a better check.
 */
export default async function checkPage() {
  try {
    const { status } = await fetch(location.href, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(LONGEST) })
    return [401, 403, 404, 410].includes(status) ? "gone" : "here"
  } catch {
    return "here"
  }
}
