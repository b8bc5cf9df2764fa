import { Controller } from "@hotwired/stimulus"
import { currentUserId } from "lib/session"

const SOON = 300 // ms; an answer that is being written changes several times a second
const EXCERPT = 120 // characters
const WORDLESS = { failed: "No answer", stopped: "Stopped" } // as Generated.wordless says

// Keeps the list of chats fresh: the line of the open chat from what the page itself shows, all of them by having their
// Turbo Frame fetched again now and then. Not with every message: each of its readers would ask.
export default class extends Controller {
  static values = { every: { type: Number, default: 20 } } // seconds

  connect() {
    document.addEventListener("turbo:before-stream-render", this.changed)
    document.addEventListener("visibilitychange", this.refresh)
    const jitter = 1 + Math.random() / 2
    this.timer = setInterval(this.refresh, this.everyValue * jitter * 1_000)
  }

  disconnect() {
    document.removeEventListener("turbo:before-stream-render", this.changed)
    document.removeEventListener("visibilitychange", this.refresh)
    clearInterval(this.timer)
    clearTimeout(this.soon)
    this.soon = null
  }

  changed = ({ detail: { newStream } }) => {
    if (newStream.target?.startsWith("typing_")) return
    this.soon ??= setTimeout(() => {
      this.soon = null
      this.update()
    }, SOON)
  }

  update() {
    const line = this.element.querySelector("[aria-current]")
    const message = [...document.querySelectorAll(".messages article")].at(-1)
    const [excerpt, time] = [line?.querySelector(".chats__excerpt"), line?.querySelector("time")]
    const title = document.querySelector(".chat__title") // only the chat's own page is sure to end with the newest message
    if (!title || !message || !excerpt || !time) return this.refresh()
    excerpt.textContent = `${this.author(message)}: ${this.words(message) || WORDLESS[message.dataset.state] || "…"}`
    line.querySelector(".chats__title").textContent = title.textContent
    time.replaceWith(timeOf(message))
    const item = line.closest("li")
    if (item.previousElementSibling) item.parentElement.prepend(item)
  }

  author(message) {
    return message.dataset.authorId === currentUserId() ? "You" : message.querySelector(".message__author").textContent
  }

  words(message) {
    const body = message.querySelector(".message__body").cloneNode(true)
    for (const button of body.querySelectorAll(".copy-code")) button.remove()
    return body.textContent.trim().replace(/\s+/g, " ").slice(0, EXCERPT)
  }

  refresh = () => {
    if (!document.hidden && !this.element.hasAttribute("busy")) this.element.reload()
  }
}

// The list has no line that names the day.
function timeOf(message) {
  const time = message.querySelector("time").cloneNode(true)
  delete time.dataset.localTimeDayIsSaidValue
  return time
}
