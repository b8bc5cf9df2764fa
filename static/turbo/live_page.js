import checkPage from "./page_check.js"
import Comeback from "./comeback.js"
import { renderStreamsAtOnce } from "./render.js"
import Stream from "./stream.js"

/**
 * For apps without a framework of their own: <live-page data-stream-url-value="/posts/7/stream?revision=3"> keeps the page
 * live for as long as the element is on it. How it does is in its data-mode: "streaming", "long-poll", "short-poll",
 * "offline" or "gone".
 */
export function keepPagesLive() {
  renderStreamsAtOnce()
  customElements.define("live-page", LivePage)
}

class LivePage extends HTMLElement {
  connectedCallback() {
    delete this.dataset.mode // a snapshot tells of another time
    if (document.documentElement.hasAttribute("data-turbo-preview")) return
    this.comeback = new Comeback(checkPage, this.begin)
    this.begin()
  }

  disconnectedCallback() {
    this.comeback?.stop()
    this.stream?.stop()
    this.comeback = this.stream = null
  }

  // From the revision that the page shows, however old it is.
  begin = () => {
    this.stream = new Stream({ element: this, report: this.report })
    this.stream.start()
  }

  report = (state) => {
    this.dataset.mode = state
    if (state !== "gone") return
    this.stream.stop()
    this.comeback.start()
  }
}
