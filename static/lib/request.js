import { currentUserId, logIn } from "lib/session"

const PATIENCE = 20_000 // ms
const KEEPALIVE = 16_384 // bytes

/**
 * Sends `fields` as a form does, with the page's CSRF token, and resolves to the response. An expired token is renewed
 * once. Rejects as fetch does (no network, no answer within 20 s, or `signal` aborted), and when nobody is logged in any
 * more: then the reader is on the way to the login page.
 */
export async function send(url, { method = "POST", fields = {}, signal } = {}) {
  const token = currentToken()
  const response = await submit(url, method, fields, token, signal)
  if (response.status !== 400) return response
  const fresh = await renewedToken(token)
  return fresh === token ? response : submit(url, method, fields, fresh, signal)
}

/** Gets a page and resolves to it as a document. Rejects as `send` does, and with Error for any answer but 200. */
export async function getPage(url) {
  const response = await fetch(url, {
    headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE),
  })
  if (loggedOut(response)) throw leaving()
  if (!response.ok) throw new Error(`${response.status} from ${url}`)
  return new DOMParser().parseFromString(await response.text(), "text/html")
}

/** Why the server refused, in its words where it used words, else in ours. */
export async function reason(response) {
  const text = response.headers.get("Content-Type")?.startsWith("text/plain") ? (await response.text()).trim() : ""
  if (text) return text
  if (response.status === 404) return "This is gone, or you are no longer a member."
  if (response.status === 413) return "This is too long."
  return `The server refused this (${response.status}).`
}

// keepalive lets the request finish when the page is left in the same moment; browsers allow 64 KiB for all of them together.
async function submit(url, method, fields, token, signal) {
  const body = new URLSearchParams(fields)
  const abort = new AbortController()
  setTimeout(() => abort.abort(), PATIENCE)
  signal?.addEventListener("abort", () => abort.abort())
  const response = await fetch(url, {
    method,
    body,
    headers: { Accept: "text/vnd.turbo-stream.html", "X-CSRFToken": token },
    keepalive: body.toString().length < KEEPALIVE,
    signal: abort.signal,
  })
  if (loggedOut(response)) throw leaving()
  if (response.status === 200 && isPage(response)) throw new Error("Somebody else answers.")
  return response
}

// We never answer a script with a page and 200; the log-in page of a hotel's network does, to anything.
function isPage(response) {
  return response.headers.get("Content-Type")?.startsWith("text/html")
}

function loggedOut(response) {
  return response.status === 401 || (response.redirected && new URL(response.url).pathname === "/login")
}

function leaving() {
  logIn()
  return new Error("Nobody is logged in.")
}

// Another request may have renewed it already. And somebody else may have logged in from another tab: nothing of this
// page's reader may be sent in his name.
async function renewedToken(old) {
  if (currentToken() !== old) return currentToken()
  const page = await getPage(location.href)
  if (currentUserId(page) !== currentUserId()) throw leaving()
  tokenElement(document).content = tokenElement(page).content
  return currentToken()
}

function currentToken() {
  return tokenElement(document).content
}

function tokenElement(page) {
  return page.querySelector("meta[name=csrf-token]")
}
