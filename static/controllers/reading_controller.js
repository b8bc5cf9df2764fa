import { Controller } from "@hotwired/stimulus"
import tell from "lib/notice"
import Reading from "lib/reading"

const NEAR = 80 // px from the end that count as the end
const UNREACHED = "The server is out of reach. Try again in a moment."

// Reports the end of the chat as read when it is seen in a visible tab, and marks messages as unread. Tells the
// timeline by `reading:unread` (detail: readId) where the unread messages begin now.
export default class extends Controller {
  static targets = ["scroller"]
  static values = { url: String, mark: String } // mark: the id of the element with the reader's mark

  connect() {
    this.reading = new Reading({ url: this.urlValue, mark: () => document.getElementById(this.markValue), newest: this.newest })
    this.scroller = this.scrollerTarget
    const { signal } = (this.listeners = new AbortController())
    this.scroller.addEventListener("scroll", this.soon, { signal, passive: true })
    document.addEventListener("visibilitychange", this.soon, { signal })
    addEventListener("pagehide", () => this.reading.flush(), { signal })
    this.element.addEventListener("messages:added", this.soon, { signal })
    this.element.addEventListener("messages:changed", this.soon, { signal })
    this.element.addEventListener("click", this.chosen, { signal })
    this.soon() // once the page has scrolled to where it opens
  }

  disconnect() {
    cancelAnimationFrame(this.frame)
    this.frame = null
    this.listeners.abort()
    this.reading.stop()
  }

  // Once for each frame, however many messages arrive: finding the end takes a layout.
  soon = () => {
    this.frame ??= requestAnimationFrame(this.look)
  }

  look = () => {
    this.frame = null
    if (!document.hidden && this.isAtEnd) this.reading.seen()
  }

  chosen = async (event) => {
    const link = event.target.closest("a[data-unread-message]")
    if (!link || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    const id = Number(link.closest("article").dataset.messageId)
    if (!(await this.reading.markUnread(id))) return tell(UNREACHED)
    this.dispatch("unread", { target: this.scroller, detail: { readId: id - 1 } })
  }

  get isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller
    const hasMore = this.list.lastElementChild?.matches(".messages__newer")
    return !hasMore && scrollHeight - clientHeight - scrollTop <= NEAR
  }

  newest = () => {
    let last = this.list.lastElementChild
    while (last && !last.dataset.messageId) last = last.previousElementSibling
    return Number(last?.dataset.messageId ?? 0)
  }

  get list() {
    return this.element.querySelector(".messages")
  }
}
