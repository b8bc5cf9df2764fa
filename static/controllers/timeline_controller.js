import { Controller } from "@hotwired/stimulus"
import { onNewDay } from "lib/days"
import Timeline from "lib/timeline"

// Groups the messages below it and draws a line between two days, after every change of the list.
export default class extends Controller {
  connect() {
    this.timeline = new Timeline(this.element)
    this.changes = new MutationObserver((records) => this.changed(records))
    this.changes.observe(this.element, { childList: true, subtree: true })
    this.forgetDays = onNewDay(() => this.arrange())
    this.arrange()
  }

  disconnect() {
    this.changes.disconnect()
    this.forgetDays()
  }

  // Ignores changes within a message: a growing answer changes several times a second.
  changed(records) {
    if (records.some(({ target }) => !target.closest("article"))) this.arrange()
  }

  // Keeps the visible messages in place. At the end of the list the messages controller does that.
  arrange() {
    const read = [...this.element.querySelectorAll("article")].find((article) => bottom(article) > top(this.element))
    const before = read && top(read)
    this.timeline.arrange()
    this.changes.takeRecords()
    if (read) this.element.scrollTop += top(read) - before
  }
}

function top(element) {
  return element.getBoundingClientRect().top
}

function bottom(element) {
  return element.getBoundingClientRect().bottom
}
