import { send } from "lib/request"

const EVERY = 2_000 // ms

/** Tells the chat that the reader is typing, at most every two seconds. */
export default class TypingNotice {
  sentAt = 0

  constructor(url) {
    this.url = url
  }

  send() {
    if (Date.now() - this.sentAt < EVERY) return
    this.sentAt = Date.now()
    send(this.url).catch(() => {}) // nobody misses it
  }
}
