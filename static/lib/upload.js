import { reason, send } from "lib/request"

const FIRST = 48 * 1024 // bytes; some networks let no more than 64 KiB through
const LEAST = 16 * 1024
const MOST = 768 * 1024 // with the form around it, it passes nginx's 1 MB
const QUICK = 1_000 // ms
const SLOW = 5_000 // ms
const STREAK = 16 // pieces, after which it tries a size again that failed before

// What the network takes, for all uploads of this page.
let piece = FIRST
let ceiling = MOST
let streak = 0

/** The server does not want the file. The message is its words; `final` where it would refuse the same file again. */
export class Refusal extends Error {
  constructor(words, final) {
    super(words)
    this.final = final
  }
}

/**
 * Sends a file to the server, from where an earlier attempt stopped. `place` is `{ server, offset }`, and `moved` is
 * called with each new one. Resolves once the server has all of it. Rejects with Refusal, and as `send` does.
 */
export async function upload(file, place, { signal, moved }) {
  let at = place.server ? place : await begin(file, signal, moved)
  while (at.offset < file.size) {
    at = (await sendPiece(file, at, signal)) ?? (await begin(file, signal, moved))
    moved(at)
  }
}

/** Has the server forget an upload, which it would do by itself after a day. */
export function cancelUpload(server) {
  return send(`/uploads/${server}`, { method: "DELETE" }).catch(() => {})
}

async function begin(file, signal, moved) {
  const response = await send("/uploads", { fields: { name: file.name, size: file.size }, signal })
  if (!response.ok) throw await refusal(response)
  const at = await placeIn(response)
  moved(at)
  return at
}

// Resolves to the next place, which the server names, even after a piece that it already had. Null when it has
// forgotten the file.
async function sendPiece(file, { server, offset }, signal) {
  const bytes = file.slice(offset, offset + piece)
  const began = performance.now()
  const response = await send(`/uploads/${server}`, { method: "PATCH", fields: { offset, piece: bytes }, signal }).catch(slower)
  if (response.ok || response.status === 409) {
    adapt(performance.now() - began)
    return placeIn(response)
  }
  if (response.status === 404) return null
  if (response.status !== 413 || piece <= LEAST) throw await refusal(response)
  shrink()
  return { server, offset }
}

function slower(error) {
  shrink()
  throw error
}

function shrink() {
  piece = ceiling = Math.max(LEAST, piece / 2)
  streak = 0
}

function adapt(duration) {
  streak += 1
  if (streak % STREAK === 0) ceiling = Math.min(MOST, ceiling * 2)
  if (duration < QUICK) piece = Math.min(ceiling, piece * 2)
  else if (duration > SLOW) piece = Math.max(LEAST, piece / 2)
}

// The element says it as well, because some proxies remove the header.
async function placeIn(response) {
  const [, server, offset] = (await response.text()).match(/<template>(\d+) (\d+)<\/template>/) ?? []
  if (!server) throw new Error("Somebody else answers.")
  return { server: Number(server), offset: Number(offset) }
}

async function refusal(response) {
  const { status } = response
  if (status === 429 || status >= 500) return new Error(`The server is busy (${status}).`)
  return new Refusal(await reason(response), status === 413 || status === 422)
}
