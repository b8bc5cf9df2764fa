import { Controller } from "@hotwired/stimulus"

const SOON = 1_500 // milliseconds; an answer that is being written changes several times a second

// Has its Turbo Frame, the list of chats, fetched again when something was said here, and now and then for the others.
export default class extends Controller {
  static values = { every: { type: Number, default: 20 } } // seconds

  connect() {
    document.addEventListener("turbo:before-stream-render", this.changed)
    document.addEventListener("visibilitychange", this.refresh)
    this.timer = setInterval(this.refresh, this.everyValue * 1000)
  }

  disconnect() {
    document.removeEventListener("turbo:before-stream-render", this.changed)
    document.removeEventListener("visibilitychange", this.refresh)
    clearInterval(this.timer)
    clearTimeout(this.soon)
    this.soon = null
  }

  changed = ({ detail: { newStream } }) => {
    if (newStream.target.startsWith("typing_")) return
    this.soon ??= setTimeout(() => {
      this.soon = null
      this.refresh()
    }, SOON)
  }

  refresh = () => {
    if (!document.hidden && !this.element.hasAttribute("busy")) this.element.reload()
  }
}
