import { Controller } from "@hotwired/stimulus"
import { onNewDay } from "lib/days"
import { firstInSight, isKeepingPlace } from "lib/scroll"
import { currentUserId } from "lib/session"
import Timeline from "lib/timeline"

// Groups the messages below it, and draws a line between two days and one before the unread messages, after every
// change of the list. Tells by `timeline:opened` (detail: line) where the unread messages begin when the page opens, or
// by `timeline:found` (detail: article) for which message it was opened.
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

  // Messages that arrive later are not new to a reader who looks at the page. So the line shows the moment at which the
  // page opened, until the reader moves it.
  isNew = (article) => {
    const id = idOf(article)
    return id > this.readId && id <= this.lastId && article.dataset.authorId !== currentUserId()
  }

  // The unread messages begin at another message now.
  beginAt({ detail: { readId } }) {
    this.readId = readId
    this.lastId = Infinity
    this.arrange()
  }

  // Ignores changes within a message: a growing answer changes several times a second.
  changed(records) {
    const around = records.filter(({ target }) => !target.closest("article"))
    if (around.length) this.put(this.timeline.around(around))
  }

  arrange() {
    this.put(this.timeline.all())
  }

  // Keeps the visible messages in place. At the end of the list the messages controller does that, and marks there move
  // nothing else. Finding places would cost a layout for each message that arrives.
  put(marks) {
    const { wrong, strays } = marks
    if (wrong.size === 0 && strays.length === 0) return
    const movesNothing = isKeepingPlace(this.element) || [...wrong.keys()].every((article) => this.isAtEnd(article))
    const read = movesNothing ? null : firstInSight(this.element)
    const before = read && top(read)
    this.timeline.put(marks)
    this.changes.takeRecords()
    if (read) this.element.scrollTop += top(read) - before
  }

  isAtEnd(article) {
    const next = this.timeline.after(article)
    return !next || !this.timeline.after(next)
  }
}

function idOf(article) {
  return Number(article.dataset.messageId)
}

function top(element) {
  return element.getBoundingClientRect().top
}
