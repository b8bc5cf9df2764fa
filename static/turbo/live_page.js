import checkPage from "./page_check.js"
import Comeback from "./comeback.js"
import ListRegion from "./list_region.js"
import Live from "./live.js"
import Region from "./region.js"
import { renderStreamsAtOnce } from "./render.js"

/**
 * For apps without a framework of their own: <live-page data-stream-url-value="/posts/7/stream?revision=3"> keeps the page
 * live for as long as the element is on it. How it does is in its data-mode: "streaming", "long-poll", "short-poll",
 * "offline" or "gone".
 *
 * Several of them on one page share a connection. Each has the name of its stream, in data-stream-name-value. One without
 * an address holds a list; see list_region.js.
 */
export function keepPagesLive() {
  renderStreamsAtOnce()
  customElements.define("live-page", LivePage)
}

const live = new Live()

class LivePage extends HTMLElement {
  connectedCallback() {
    delete this.dataset.mode // a snapshot tells of another time
    if (document.documentElement.hasAttribute("data-turbo-preview")) return
    this.comeback = new Comeback(checkPage, this.begin)
    this.begin()
  }

  disconnectedCallback() {
    this.comeback?.stop()
    live.leave(this.region)
  }

  // From the revision that the page shows, however old it is.
  begin = () => {
    const Kind = this.hasAttribute("data-stream-url-value") ? Region : ListRegion
    this.region = new Kind({ element: this, name: this.dataset.streamNameValue, report: this.report })
    live.join(this.region)
  }

  report = (state) => {
    this.dataset.mode = state
    if (state !== "gone") return
    live.leave(this.region)
    this.comeback.start()
  }
}
