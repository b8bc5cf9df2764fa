import { Controller } from "@hotwired/stimulus"
import { daysAgo, onNewDay } from "lib/days"
import { inFull, withClock } from "lib/moments"

const TIME = { timeStyle: "short" }
const WEEKDAY = { weekday: "long", hour: "numeric", minute: "2-digit" }
const DATE = { dateStyle: "medium" }

// A moment in the reader's own zone and language: the time for today, with the weekday for this week, with the date before
// that. What is still to come has the date, too. Below a line that names the day it is always the time alone.
export default class extends Controller {
  static values = { dayIsSaid: Boolean }

  connect() {
    this.forgetDays = onNewDay(this.show)
    this.element.addEventListener("turbo:before-morph-element", this.keep)
    this.element.addEventListener("turbo:morph-element", this.show)
    this.show()
  }

  disconnect() {
    this.forgetDays()
    this.element.removeEventListener("turbo:before-morph-element", this.keep)
    this.element.removeEventListener("turbo:morph-element", this.show)
  }

  show = () => {
    const at = new Date(this.element.dateTime)
    this.element.textContent = at.toLocaleString([], this.dayIsSaidValue ? withClock(TIME) : styleFor(at))
    this.element.title = inFull(at)
  }

  // A newer version of the same message comes with the server's words for the same moment.
  keep = (event) => {
    if (event.detail.newElement?.dateTime === this.element.dateTime) event.preventDefault()
  }
}

function styleFor(at) {
  const days = daysAgo(at)
  if (days < 0) return withClock({ ...DATE, ...TIME }) // still to come
  if (days === 0) return withClock(TIME)
  return days <= 6 ? withClock(WEEKDAY) : DATE
}
