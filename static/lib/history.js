import renderOnce from "lib/render_once"

const SIZE = 20 // messages of a page; the browser paints nothing while it puts them in

/**
 * The pages before and after the messages on the page. Turbo Frames at both ends of the list load them when they come
 * into sight. Each frame is dissolved the moment its page is there, so that the list stays flat, and what the reader
 * sees does not move.
 */
export default class History {
  loading = new Set()

  constructor(list, scroll) {
    Object.assign(this, { list, scroll })
  }

  // From here on the answer may be older than what the stream tells. So changes of messages not shown are kept for it.
  requested(frame, url) {
    url.searchParams.set("limit", SIZE)
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
    const nodes = [...page.children].filter((node) => node !== next)
    if (frame === this.list.gap) this.follow(frame, nodes, next)
    else this.scroll.keepingPlace(() => this.precede(frame, nodes, next))
    this.ended(frame)
  }

  precede(frame, nodes, next) {
    renderOnce(this.list.take(nodes, frame, next, "before").reverse(), this.scroll.scroller)
  }

  follow(frame, nodes, next) {
    renderOnce(this.list.take(nodes, frame, next, "behind"), this.scroll.scroller)
    if (!next) this.list.takeRest()
    this.scroll.scrolled()
  }
}
