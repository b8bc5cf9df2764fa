import { backoff } from "turbo/backoff"
import { exclusively } from "turbo/locks"
import Outbox from "lib/outbox"
import { apply } from "turbo/render"
import { reason, send } from "lib/request"
import { currentUserId } from "lib/session"
import { uploadsOfThisReader } from "lib/uploads"

let sender = null

/** The one sender of this document's reader, who never changes (see the layout); null when nobody is logged in. */
export function senderOfThisReader() {
  const user = currentUserId()
  if (user) sender ??= new OutboxSender(user)
  return sender
}

/**
 * Sends an outbox: one entry after the other, in order, one tab at a time, until the server has each. An entry keeps
 * its client id, so it is sent again without harm when it or its answer was lost. The sender lives as long as the
 * document, across Turbo visits, and says `outbox:changed` on document whenever the outbox looks different.
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
    this.uploads = uploadsOfThisReader()
    document.addEventListener("uploads:changed", () => this.filesMoved())
  }

  add(message) {
    const { id, files } = this.outbox.add(message)
    this.uploads.assign(files, id)
    this.changed()
    this.drain()
  }

  /** Sends a refused message once more. */
  retry(id) {
    for (const { id: file, error } of this.filesOf(this.outbox.get(id))) if (error) this.uploads.retry(file)
    this.outbox.save({ ...this.outbox.get(id), error: null })
    this.changed()
    this.drain()
  }

  /**
   * The page shows the message among the others. Its answer is still read, because an aborted request looks like a failure
   * in the browser's tools and in a proxy's log. Nothing waits for it.
   */
  confirm(id) {
    this.uploads.forget(this.outbox.get(id)?.files ?? [])
    this.outbox.delete(id)
    if (this.sending?.id === id) this.seen()
    this.changed()
  }

  /** The author has dropped the message, so it is not sent (again), or takes it back to change it (`keepsFiles`). */
  settle(id, { keepsFiles = false } = {}) {
    const files = this.outbox.get(id)?.files ?? []
    if (keepsFiles) this.uploads.assign(files, null)
    else this.uploads.cancel(files)
    this.outbox.delete(id)
    if (this.sending?.id === id) this.abort.abort()
    this.changed()
  }

  // Requests from before a change of the network may hang for a long time.
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

  // A chat whose message could not be sent waits for the next round, so that its messages stay in order.
  async sendAll() {
    const waiting = new Set()
    for (let entry; (entry = this.next(waiting)); ) {
      if (!this.hasFiles(entry)) {
        waiting.add(entry.chat)
        continue
      }
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

  // A message waits for its files, and other chats do not wait for it. A refused file keeps its message back.
  hasFiles(entry) {
    const files = this.filesOf(entry)
    const refused = files.find(({ error }) => error)
    const lost = files.length < (entry.files?.length ?? 0)
    if (refused) this.refuse(entry, `${refused.name}: ${refused.error}`, refused.final)
    else if (lost) this.refuse(entry, "A file of this message is lost. Attach it again.", true)
    return !lost && files.every(({ done }) => done)
  }

  refuse(entry, error, final) {
    this.outbox.save({ ...entry, error, final })
    this.changed()
  }

  filesOf({ files = [] }) {
    return this.uploads.of(files)
  }

  // Only the end of an upload lets a message go.
  filesMoved() {
    const settled = ({ done, error }) => done || error
    if (this.outbox.entries.some((entry) => !entry.error && entry.files?.length && this.filesOf(entry).every(settled))) this.drain()
  }

  // Resolves to false when it has to be tried again later. Waits only until the page shows the message.
  deliver(entry) {
    return Promise.race([this.post(entry), new Promise((resolve) => (this.seen = () => resolve(true)))])
  }

  async post(entry) {
    try {
      const { url, content, id, quoted, files = [] } = entry
      const upload_ids = this.filesOf(entry).map(({ server }) => server).join()
      const fields = { content, client_id: id, ...(quoted && { reply_to: quoted.id }), ...(upload_ids && { upload_ids }) }
      const response = await send(url, { fields, signal: this.abort.signal })
      if (response.status === 429 || response.status >= 500) return false
      if (response.status === 410) return this.uploads.again(files) ?? false
      if (response.ok) await this.accepted(entry, response)
      else if (this.outbox.get(id)) this.outbox.save({ ...entry, error: await reason(response), final: isFinal(response) })
    } catch {
      return !this.outbox.get(entry.id) // the page may show it by now, or the author may have dropped it
    }
    this.changed()
    return true
  }

  async accepted({ id, files = [] }, response) {
    const html = await response.text()
    this.outbox.delete(id)
    this.uploads.forget(files)
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
