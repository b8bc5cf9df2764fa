import { Controller } from "@hotwired/stimulus"
import { onNewDay } from "lib/days"
import { currentUserId } from "lib/session"
import Timeline from "lib/timeline"

// Groups the messages below it, draws a line between two days and one before what is unread, after every change of the
// list. Tells by `timeline:opened` (detail: line) where the unread messages begin when the page opens, or by `timeline:found`
// (detail: article) where the message is that the page was opened for.
export default class extends Controller {
  // mark: the id of the element with the reader's mark; a list without one has no unread messages. target: that of an article.
  static values = { mark: String, target: String }

  connect() {
    this.readId = Number(document.getElementById(this.markValue)?.dataset.readId ?? Infinity)
    this.lastId = Math.max(0, ...[...this.element.querySelectorAll("article[data-message-id]")].map(idOf))
    this.timeline = new Timeline(this.element, this.isNew)
    this.changes = new MutationObserver((records) => this.changed(records))
    this.changes.observe(this.element, { childList: true, subtree: true })
    this.forgetDays = onNewDay(() => this.arrange())
    this.arrange()
    this.open()
  }

  open() {
    const article = document.getElementById(this.targetValue)
    const line = this.timeline.opening
    if (article) this.dispatch("found", { detail: { article } })
    else if (line) this.dispatch("opened", { detail: { line } })
  }

  disconnect() {
    this.changes.disconnect()
    this.forgetDays()
  }

  // What arrives later is not new to somebody who looks at it. So the line is that of the moment at which the page opened,
  // until its reader moves it.
  isNew = (article) => {
    const id = idOf(article)
    return id > this.readId && id <= this.lastId && article.dataset.authorId !== currentUserId()
  }

  // From another message on.
  beginAt({ detail: { readId } }) {
    this.readId = readId
    this.lastId = Infinity
    this.arrange()
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

function idOf(article) {
  return Number(article.dataset.messageId)
}

function top(element) {
  return element.getBoundingClientRect().top
}

function bottom(element) {
  return element.getBoundingClientRect().bottom
}
