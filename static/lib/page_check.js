import { isLogIn, isOurPage, isOurs, parse } from "lib/ours"

const TIMEOUT = 10_000 // ms

/**
 * Finds out why the stream does not come. Asks for this page itself and resolves to "expired" (the reader is logged
 * out), "gone" (the page is no longer there for this reader) or "here" (it is, or the server is out of reach: try
 * again).
 */
export default async function checkPage() {
  try {
    const response = await ask(location.href, "HEAD")
    if (response.redirected || response.status === 401) return (await isLoggedOut()) ? "expired" : "here"
    // Only our own answer counts: a proxy also says 404 while its server is being replaced.
    if (response.status === 404 && (isOurs(response) || (await isOurMissingPage()))) return "gone"
  } catch {
    // Out of reach.
  }
  return "here"
}

/** Whether the server asks to log in. A page that a hotel's network shows in its place does not count. */
export async function isLoggedOut() {
  try {
    const response = await ask("/login", "GET")
    return isLogIn(parse(await response.text()))
  } catch {
    return false
  }
}

// Where a proxy removes our header, only the page itself tells whose it is.
async function isOurMissingPage() {
  const response = await ask(location.href, "GET")
  return response.status === 404 && isOurPage(parse(await response.text()))
}

function ask(url, method) {
  return fetch(url, { method, headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) })
}
