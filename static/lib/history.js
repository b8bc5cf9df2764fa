/**
 * Older pages of a message list, which Turbo Frames at its top load when they come into sight. Each frame is dissolved the
 * moment its page is there, so that the list stays flat, and what is read does not move.
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
    this.scroll.keepingPlace(() => {
      const older = page.querySelector(":scope > turbo-frame")
      const articles = page.querySelectorAll(":scope > [data-message-id]")
      if (older) frame.before(older)
      frame.remove()
      this.list.prepend([...articles].reverse())
    })
    this.ended(frame)
  }
}
