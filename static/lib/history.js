/**
 * The pages before and behind the messages that are shown. Turbo Frames at both ends of the list load them when they come
 * into sight. Each frame is dissolved the moment its page is there, so that the list stays flat, and what is read does not
 * move.
 */
export default class History {
  loading = new Set()

  constructor(list, scroll) {
    Object.assign(this, { list, scroll })
  }

  // From here on the answer may be older than what the stream tells, so changes of messages not shown are kept for it.
  requested(frame) {
    for (const other of this.loading) if (!other.isConnected) this.loading.delete(other)
    this.loading.add(frame)
    this.list.homeless ??= new Map()
  }

  // After a failure the link in the frame stays, so the reader can try again.
  ended(frame) {
    this.loading.delete(frame)
    if (this.loading.size === 0) this.list.homeless = null
  }

  /** For `render` of turbo:before-frame-render: dissolves `frame` with what `page`, the loaded one, holds. */
  dissolve = (frame, page) => {
    const next = page.querySelector(":scope > turbo-frame")
    const articles = [...page.querySelectorAll(":scope > [data-message-id]")]
    if (frame === this.list.gap) this.follow(frame, articles, next)
    else this.scroll.keepingPlace(() => this.precede(frame, articles, next))
    this.ended(frame)
  }

  precede(frame, articles, next) {
    if (next) frame.before(next)
    frame.remove()
    this.list.take(articles.reverse())
  }

  follow(frame, articles, next) {
    frame.remove() // what follows is no longer behind it
    this.list.take(articles)
    if (next) this.list.element.append(next)
    else this.list.takeRest()
    this.scroll.scrolled()
  }
}
