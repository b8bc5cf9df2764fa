/**
 * Why does the stream not come? Asks for this page itself and resolves to "expired" (the reader is logged out), "gone" (the
 * page is no longer there for this reader) or "here" (it is, or the server is out of reach: in both cases, try again).
 */
export default async function checkPage() {
  try {
    const response = await fetch(location.href, {
      method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(10_000),
    })
    if (response.redirected || response.status === 401) return "expired"
    // Only our own word for it: a proxy whose server is just being replaced says 404 as well.
    if (response.status === 404 && response.headers.has("X-Plainwire")) return "gone"
  } catch {
    // Out of reach.
  }
  return "here"
}
