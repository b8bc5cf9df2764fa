import { erase, keys, onChange, read, write } from "lib/storage"

/**
 * A reader's messages that the server has not yet confirmed, oldest first. It outlives the page, and all tabs of the
 * browser share it. Each entry has its own key, so that no tab overwrites another's.
 *
 * An entry: `id` (the client id that makes repeated sending harmless), `at` (ms, strictly growing within a tab), `chat`,
 * `url`, `content`, `quoted` (`{ id, author, words }`) if it quotes a message, and `files`, the ids of its uploads, with their
 * `names`. Entries of the previous release have no files. After a refusal also `error`, the server's words, and `final`, whether
 * it would refuse again.
 */
export default class Outbox {
  last = 0

  constructor(userId) {
    this.start = `outbox:${userId}:`
  }

  get entries() {
    return keys(this.start).map(read).filter(Boolean).sort((a, b) => a.at - b.at)
  }

  add({ chat, url, content, quoted = null, files = [], names = [] }) {
    this.last = Math.max(Date.now(), this.last + 1)
    const entry = { id: uuid(), at: this.last, chat, url, content, quoted, files, names, error: null }
    this.save(entry)
    return entry
  }

  get(id) {
    return read(this.start + id)
  }

  save(entry) {
    write(this.start + entry.id, entry)
  }

  delete(id) {
    erase(this.start + id)
  }

  onChange(listener) {
    return onChange(this.start, listener)
  }
}

// crypto.randomUUID is missing on plain http, crypto.getRandomValues is not.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}
