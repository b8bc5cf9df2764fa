import { isHtml, isOurPage, isOurs, parse } from "lib/ours"
import { currentUserId, logIn } from "lib/session"

const TIMEOUT = 20_000 // ms
const KEEPALIVE = 16_384 // bytes

/**
 * Sends `fields` as a form does, with the page's CSRF token, and resolves to the response. Renews an expired token
 * once. Rejects as fetch does (no network, no answer within 20 s, or `signal` aborted), and when something else answers
 * in the server's place. Also rejects when nobody is logged in any more, and leads the reader to the log-in page.
 */
export async function send(url, { method = "POST", fields = {}, signal } = {}) {
  const token = currentToken()
  const response = await submit(url, method, fields, token, signal)
  if (response.status !== 400) return response
  const fresh = await renewedToken(token)
  return fresh === token ? response : submit(url, method, fields, fresh, signal)
}

/**
 * Gets a page and resolves to it as a document. Rejects as `send` does, and for any status but 200 with an Error that
 * has the `status`.
 */
export async function getPage(url) {
  const response = await fetch(url, {
    headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT),
  })
  if (asksToLogIn(response)) throw leaving()
  if (!response.ok) throw Object.assign(new Error(`${response.status} from ${url}`), { status: response.status })
  const page = parse(await response.text())
  if (!isOurPage(page)) throw new Error("Somebody else answers.")
  return page
}

/** Why the server refused: in its words if it used any, otherwise in ours. */
export async function reason(response) {
  const text = response.headers.get("Content-Type")?.startsWith("text/plain") ? (await response.text()).trim() : ""
  if (text) return text
  if (response.status === 413) return "This is too long."
  // Our server never sends a page to scripts, not even about an error.
  if (isHtml(response)) return `Something between this browser and the server refused this (${response.status}).`
  if (response.status === 404) return "This is gone, or you are no longer a member."
  return `The server refused this (${response.status}).`
}

/**
 * Adds the token and the method to the `fields` of a form, a FormData, so that it passes any network: some proxies remove
 * headers that they do not know, and some refuse all methods but GET and POST.
 */
export function complete(fields, method, token = currentToken()) {
  fields.set("csrf_token", token)
  if (method !== "POST") fields.set("_method", method)
  return fields
}

// keepalive lets the request finish when the page is left in the same moment; browsers allow 64 KiB for all of them
// together. Multipart takes three bytes for a Chinese character, where the other encoding takes nine.
async function submit(url, method, fields, token, signal) {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  const abort = new AbortController()
  setTimeout(() => abort.abort(), TIMEOUT)
  signal?.addEventListener("abort", () => abort.abort())
  const response = await fetch(url, {
    method: "POST",
    body: complete(body, method, token),
    headers: { Accept: "text/vnd.turbo-stream.html" },
    keepalive: new Blob(Object.values(fields)).size < KEEPALIVE,
    signal: abort.signal,
  })
  if (asksToLogIn(response)) throw leaving()
  if (response.ok && !(await isOurAnswer(response))) throw new Error("Somebody else answers.")
  return response
}

// A hotel's network may answer 200 to everything, with a page, other text or nothing. Taking that for the server's
// answer would lose what was sent. Our server never answers a script with a page; where our header is removed, the
// stream elements tell.
async function isOurAnswer(response) {
  if (isHtml(response)) return false
  return isOurs(response) || (await response.clone().text()).startsWith("<turbo-stream")
}

function asksToLogIn(response) {
  return response.status === 401 || (response.redirected && new URL(response.url).pathname === "/login")
}

function leaving() {
  logIn()
  return new Error("Nobody is logged in, it seems.")
}

// Another request may have renewed it already. And another person may have logged in from another tab: then nothing
// that this page's reader wrote may go out in that person's name.
async function renewedToken(old) {
  if (currentToken() !== old) return currentToken()
  const page = await getPage(location.href)
  if (currentUserId(page) !== currentUserId()) throw replaced()
  tokenElement(document).content = tokenElement(page).content
  return currentToken()
}

function replaced() {
  location.reload()
  return new Error("Somebody else is logged in.")
}

function currentToken() {
  return tokenElement(document).content
}

function tokenElement(page) {
  return page.querySelector("meta[name=csrf-token]")
}
