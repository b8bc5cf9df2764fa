import { backoff } from "turbo/backoff"
import { exclusively } from "turbo/locks"
import Outbox from "lib/outbox"
import { apply } from "turbo/render"
import { reason, send } from "lib/request"
import { currentUserId } from "lib/session"

let sender = null

/** The one sender of this document's reader, who never changes (see the layout); null when nobody is logged in. */
export function senderOfThisReader() {
  const user = currentUserId()
  if (user) sender ??= new OutboxSender(user)
  return sender
}

/**
 * Sends an outbox: one entry after the other, in order, one tab at a time, until the server has each. An entry keeps its
 * client id, so what was lost on the way, there or back, is sent again without harm. It lives as long as the document, across
 * Turbo visits, and says `outbox:changed` on document whenever the outbox looks different.
 */
class OutboxSender {
  failures = 0

  constructor(user) {
    this.outbox = new Outbox(user)
    this.lock = `plainwire-outbox-${user}`
    this.outbox.onChange(() => {
      this.changed()
      this.drain()
    })
    addEventListener("online", () => this.hurry())
    document.addEventListener("stream:live", () => this.drain())
  }

  add(message) {
    this.outbox.add(message)
    this.changed()
    this.drain()
  }

  /** Sends a refused message once more. */
  retry(id) {
    this.outbox.save({ ...this.outbox.get(id), error: null })
    this.changed()
    this.drain()
  }

  /**
   * The page shows the message among the others. Its answer is still read, because an aborted request looks like a failure
   * in the browser's tools and in a proxy's log. Nothing waits for it.
   */
  confirm(id) {
    this.outbox.delete(id)
    if (this.sending?.id === id) this.seen()
    this.changed()
  }

  /** The author has dropped the message, so it is not sent (again). */
  settle(id) {
    this.outbox.delete(id)
    if (this.sending?.id === id) this.abort.abort()
    this.changed()
  }

  // Requests from before a change of the network may hang for long.
  hurry() {
    this.abort?.abort()
    this.drain()
  }

  async drain() {
    clearTimeout(this.timer)
    this.wanted = true
    if (this.draining || !this.next()) return
    this.draining = true
    try {
      while (this.wanted) {
        this.wanted = false
        await exclusively(this.lock, () => this.sendAll())
      }
    } finally {
      this.draining = false
    }
    if (this.next()) this.timer = setTimeout(() => this.drain(), backoff(this.failures++))
  }

  // A chat whose message could not be sent waits for the next round, so that its messages never change places.
  async sendAll() {
    const waiting = new Set()
    for (let entry; (entry = this.next(waiting)); ) {
      this.sending = entry
      this.abort = new AbortController()
      if (await this.deliver(entry)) this.failures = 0
      else waiting.add(entry.chat)
      this.sending = null
    }
  }

  next(waiting = new Set()) {
    return this.outbox.entries.find((entry) => !entry.error && !waiting.has(entry.chat))
  }

  // Resolves to false when it has to be tried again later. Does not wait longer than until the page shows the message.
  deliver(entry) {
    return Promise.race([this.post(entry), new Promise((resolve) => (this.seen = () => resolve(true)))])
  }

  async post(entry) {
    try {
      const { url, content, id, quoted } = entry
      const fields = { content, client_id: id, ...(quoted && { reply_to: quoted.id }) }
      const response = await send(url, { fields, signal: this.abort.signal })
      if (response.status === 429 || response.status >= 500) return false
      if (response.ok) await this.accepted(entry, response)
      else if (this.outbox.get(id)) this.outbox.save({ ...entry, error: await reason(response), final: isFinal(response) })
    } catch {
      return !this.outbox.get(entry.id) // the page may show it by now, or the author may have dropped it
    }
    this.changed()
    return true
  }

  async accepted({ id }, response) {
    const html = await response.text()
    this.outbox.delete(id)
    apply(html)
  }

  changed() {
    document.dispatchEvent(new CustomEvent("outbox:changed"))
  }
}

// The server refuses the same text every time. Any other refusal may be temporary.
function isFinal({ status }) {
  return status === 413 || status === 422
}
