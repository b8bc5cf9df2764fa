import { Controller } from "@hotwired/stimulus"

const FULL = { dateStyle: "full", timeStyle: "short" }
const TIME = { timeStyle: "short" }
const WEEKDAY = { weekday: "long", hour: "numeric", minute: "2-digit" }
const DATE = { dateStyle: "medium" }
const DAY = 24 * 60 * 60 * 1_000 // ms

// A moment in the reader's own zone and language: today the time, this week the weekday too, before that the date.
export default class extends Controller {
  connect() {
    this.element.addEventListener("turbo:before-morph-element", this.keep)
    this.element.addEventListener("turbo:morph-element", this.show)
    this.show()
  }

  disconnect() {
    this.element.removeEventListener("turbo:before-morph-element", this.keep)
    this.element.removeEventListener("turbo:morph-element", this.show)
  }

  show = () => {
    const at = new Date(this.element.dateTime)
    this.element.textContent = at.toLocaleString([], styleFor(at))
    this.element.title = at.toLocaleString([], FULL)
  }

  // A newer version of the same message comes with the server's words for the same moment.
  keep = (event) => {
    if (event.detail.newElement?.dateTime === this.element.dateTime) event.preventDefault()
  }
}

function styleFor(at) {
  const midnight = new Date().setHours(0, 0, 0, 0)
  if (at >= midnight) return TIME
  return at >= midnight - 6 * DAY ? WEEKDAY : DATE
}
