import { erase, keys, onChange, read, write } from "lib/storage"

/**
 * A reader's messages that the server has not yet confirmed, oldest first. They outlive the page, and all tabs of the
 * browser share them. Each entry has its own key, so that no tab overwrites another's.
 *
 * An entry: `id` (the client id that makes repeated sending harmless), `at` (ms, strictly growing within a tab),
 * `chat`, `url`, `content`, `quoted` (`{ id, author, words }`) if it quotes a message, and `files`, the ids of its
 * uploads, with their `names`. Entries of the previous release have no files. A refused entry also has `error`, the
 * server's words, and `final`, whether the server would refuse it again.
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
    const entry = { id: clientId(), at: this.last, chat, url, content, quoted, files, names, error: null }
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

// Each message on a page carries its id, and random letters do not compress. So 72 bits: unique among the messages of
// one author.
function clientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(9))
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
}
