import { send } from "lib/request"

const SOON = 400 // ms in which the reader sees further messages
const PATIENCE = { first: 2_000, longest: 60_000 } // ms until the next try, when the network or the server failed

/**
 * Tells the server how far the reader has read in one chat.
 *
 * `newest()` is the id of the last message on the page, `mark()` the element of the list that holds the reader's mark,
 * or null for a reader who is not a member. Each message is reported once. So a message that the reader marks as unread
 * stays unread, in this tab and in others, until the reader sees something new here.
 */
export default class Reading {
  reported = 0 // the last message that this page has reported, or will report
  delay = PATIENCE.first

  constructor({ url, mark, newest }) {
    Object.assign(this, { url, mark, newest })
  }

  /** The reader sees the end of the chat. */
  seen() {
    const id = this.newest()
    const mark = this.mark()
    if (!mark || id <= Math.max(this.reported, Number(mark.dataset.readId))) return
    this.reported = id
    mark.dataset.seenId = id
    this.unsaid = id
    this.timer ??= setTimeout(this.say, SOON)
  }

  /** Reports at once what waits: the reader leaves the page. */
  flush() {
    if (this.unsaid) this.say()
  }

  /** Everything from the message `id` on is unread. Resolves to whether the server knows. */
  async markUnread(id) {
    this.hush()
    this.reported = this.newest()
    await this.saying // which would move the mark forward again
    const answer = await this.post({ message_id: id - 1 })
    return answer?.ok ?? false
  }

  say = async () => {
    const id = this.unsaid
    this.hush()
    this.saying = this.post({ message_id: id, seen: 1 })
    const answer = await this.saying
    if (answer?.ok) this.delay = PATIENCE.first
    else if (!answer || answer.status === 429 || answer.status >= 500) this.tryLater(id)
  }

  tryLater(id) {
    if (this.timer || this.stopped || Number(this.mark()?.dataset.readId ?? Infinity) >= id) return
    this.unsaid = id
    this.timer = setTimeout(this.say, this.delay)
    this.delay = Math.min(2 * this.delay, PATIENCE.longest)
  }

  hush() {
    clearTimeout(this.timer)
    this.timer = this.unsaid = null
  }

  stop() {
    this.flush()
    this.stopped = true
  }

  // What the stream has told meanwhile is newer, and stays.
  async post(fields) {
    const { revision } = this.mark()?.dataset ?? {}
    const answer = await send(this.url, { fields }).catch(() => null)
    const mark = this.mark()
    if (answer?.ok && mark?.dataset.revision === revision) {
      delete mark.dataset.seenId
      mark.dataset.readId = fields.message_id
    }
    return answer
  }
}
