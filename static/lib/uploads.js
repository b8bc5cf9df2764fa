import { backoff } from "turbo/backoff"
import { exclusively } from "turbo/locks"
import { dropFile, keepFile, keptFile } from "lib/file_store"
import { measure } from "lib/picture"
import { currentUserId } from "lib/session"
import { erase, keys, onChange, read, write } from "lib/storage"
import { cancelUpload, Refusal, upload } from "lib/upload"

const LOST = "The browser no longer has this file. Remove it here, and attach it again."

let uploads = null

/** The uploads of this document's reader; null when nobody is logged in. */
export function uploadsOfThisReader() {
  const user = currentUserId()
  if (user) uploads ??= new Uploads(user)
  return uploads
}

/**
 * Files on their way to the server, one at a time, because a browser has few connections. They outlive the page, and
 * all tabs share them. Says `uploads:changed` on document whenever one looks different.
 *
 * An upload: `id`, `at` (ms), `chat`, `name`, `size` (bytes), `picture` (`{ width, height }` or null), `pasted`
 * (whether it was a text), `message` (the id of its outbox entry, or null while the message is being written), `server`
 * and `offset` (the server's name for it, and how much the server has), `done`. A refused one also has `error` and
 * `final`, whether it would be refused again.
 */
class Uploads {
  failures = 0
  last = 0
  addresses = new Map()

  constructor(user) {
    this.start = `upload:${user}:`
    this.lock = `plainwire-uploads-${user}`
    onChange(this.start, () => this.changed())
    addEventListener("online", () => this.hurry())
    document.addEventListener("stream:live", () => this.drain())
  }

  get all() {
    return keys(this.start).map(read).filter(Boolean).sort((a, b) => a.at - b.at)
  }

  /** The files of the message being written in `chat`. */
  draftedFor(chat) {
    return this.all.filter((one) => one.chat === chat && !one.message)
  }

  of(ids) {
    return ids.map((id) => this.get(id)).filter(Boolean)
  }

  get(id) {
    return read(this.start + id)
  }

  /** `error` says why the file will not be sent, if that is already known; `pasted`, whether it was a text. */
  add(file, chat, { error = null, pasted = false } = {}) {
    this.last = Math.max(Date.now(), this.last + 1)
    const id = `${this.last}-${Math.random().toString(36).slice(2, 10)}`
    const place = { message: null, server: null, offset: 0, done: false }
    keepFile(id, file)
    const about = { chat, name: file.name, size: file.size, picture: null, pasted }
    this.save({ id, at: this.last, ...about, ...place, error, final: Boolean(error) })
    this.drain()
    measure(file).then((picture) => picture && this.update(id, { picture })) // a large one takes a moment
  }

  /** The outbox entry takes the files, or gives them back (`message` is null). */
  assign(ids, message) {
    for (const one of this.of(ids)) this.save({ ...one, message })
  }

  retry(id) {
    this.save({ ...this.get(id), error: null })
    this.drain()
  }

  /** Sends files anew that the server no longer has. */
  again(ids) {
    for (const one of this.of(ids)) this.save({ ...one, server: null, offset: 0, done: false })
    this.drain()
  }

  /** Forgets files that have been sent. */
  forget(ids) {
    for (const id of ids) this.drop(id)
    this.changed()
  }

  cancel(ids) {
    for (const one of this.of(ids)) {
      if (this.current?.id === one.id) this.abort.abort()
      if (one.server) cancelUpload(one.server)
    }
    this.forget(ids)
  }

  /** Resolves to an address for what the file shows, or to null where the browser has lost it. */
  async address(id) {
    const file = this.addresses.has(id) ? null : await keptFile(id)
    if (file && !this.addresses.has(id)) this.addresses.set(id, URL.createObjectURL(file))
    return this.addresses.get(id) ?? null
  }

  /** Resolves to the text of the file, or to null where the browser has lost it. */
  async text(id) {
    return (await keptFile(id))?.text() ?? null
  }

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

  async sendAll() {
    for (let one; (one = this.next()); ) if (!(await this.send(one))) return
  }

  next() {
    return this.all.find(({ done, error }) => !done && !error)
  }

  // Resolves to false when it has to be tried again later.
  async send(one) {
    this.current = one
    this.abort = new AbortController()
    try {
      const file = await keptFile(one.id)
      if (!file) throw new Refusal(LOST, true)
      await upload(file, one, { signal: this.abort.signal, moved: (place) => this.moved(one.id, place) })
      this.update(one.id, { done: true })
    } catch (error) {
      if (!(error instanceof Refusal)) return !this.get(one.id) // cancelled
      this.update(one.id, { error: error.message, final: error.final })
    } finally {
      this.current = null
    }
    this.failures = 0
    return true
  }

  moved(id, place) {
    this.failures = 0
    this.update(id, place)
  }

  // The reader may have cancelled it meanwhile.
  update(id, changes) {
    const one = this.get(id)
    if (one) this.save({ ...one, ...changes })
  }

  save(one) {
    write(this.start + one.id, one)
    this.changed()
  }

  drop(id) {
    erase(this.start + id)
    dropFile(id)
    if (this.addresses.has(id)) URL.revokeObjectURL(this.addresses.get(id))
    this.addresses.delete(id)
  }

  changed() {
    document.dispatchEvent(new CustomEvent("uploads:changed"))
  }
}
