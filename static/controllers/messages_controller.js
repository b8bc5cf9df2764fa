import { Controller } from "@hotwired/stimulus"
import { visit } from "@hotwired/turbo"
import highlight from "lib/highlight"
import History from "lib/history"
import MessageList from "lib/message_list"
import Scroll from "lib/scroll"
import { onSameSide } from "lib/sides"

// The conversation: puts messages where they belong, loads older ones, and scrolls.
// Tells of each new message by `messages:added` (detail: article), and by `messages:changed` when the whole list came anew.
export default class extends Controller {
  static targets = ["scroller", "list", "latest"]
  static values = { home: String } // the address of the page that shows the newest messages

  initialize() {
    this.list = new MessageList({ element: () => this.listTarget, cursor: () => this.cursor })
    const hasMore = () => this.list.gap !== null
    this.scroll = new Scroll(this.scrollerTarget, { changed: () => this.showLatest(), hasMore })
    this.history = new History(this.list, this.scroll)
    this.label = this.latestTarget.lastChild.textContent.replace(/ \(\d+\)$/, "")
  }

  connect() {
    this.missed = 0
    document.addEventListener("turbo:before-stream-render", this.receive)
    document.addEventListener("composer:send", this.latest)
    this.element.addEventListener("turbo:before-fetch-request", this.historyRequested)
    this.element.addEventListener("turbo:before-frame-render", this.historyCame)
    this.element.addEventListener("turbo:frame-missing", this.historyFailed)
    this.element.addEventListener("turbo:fetch-request-error", this.historyFailed)
    this.scroll.start()
  }

  disconnect() {
    document.removeEventListener("turbo:before-stream-render", this.receive)
    document.removeEventListener("composer:send", this.latest)
    this.element.removeEventListener("turbo:before-fetch-request", this.historyRequested)
    this.element.removeEventListener("turbo:before-frame-render", this.historyCame)
    this.element.removeEventListener("turbo:frame-missing", this.historyFailed)
    this.element.removeEventListener("turbo:fetch-request-error", this.historyFailed)
    this.scroll.stop()
  }

  listTargetConnected(list) {
    this.scroll.observe(list)
    this.dispatch("changed")
  }

  receive = (event) => {
    const stream = event.detail.newStream
    const how = { live: stream.hasAttribute("data-live"), reset: stream.hasAttribute("data-reset") }
    const articles = stream.templateElement.content.querySelectorAll("article[data-message-id]")
    if (stream.target === this.listTarget.id) {
      if (stream.action !== "append") return this.startAnew(stream)
      for (const article of articles) this.append(document.importNode(article, true), how)
    } else if (stream.targets?.startsWith(".quote")) {
      this.list.requote(stream.targets, document.importNode(stream.templateElement.content.firstElementChild, true))
    } else if (stream.action === "replace" && articles[0]?.id === stream.target) {
      this.list.replace(document.importNode(articles[0], true), how)
    } else {
      if (stream.action === "remove" && stream.target) this.list.remove(stream.target)
      if (stream.action === "grow") event.detail.missing = this.list.awaits(stream.target)
      return // Turbo handles elements that are not messages of this list
    }
    event.preventDefault()
  }

  startAnew(stream) {
    stream.setAttribute("method", "replace") // morphing could keep a frame that is just loading, or drop half of it
    this.list.forget()
  }

  append(article, how) {
    const place = this.list.append(article, how)
    if (!place) return
    if (!this.scroll.atEnd) this.missed++
    this.showLatest()
    if (place === "shown") this.dispatch("added", { detail: { article } })
  }

  historyRequested = (event) => {
    if (this.isHistory(event.target)) this.history.requested(event.target)
  }

  historyCame = (event) => {
    if (this.isHistory(event.target)) event.detail.render = this.history.dissolve
  }

  historyFailed = (event) => {
    if (this.isHistory(event.target)) this.history.ended(event.target)
  }

  isHistory(element) {
    return element.matches?.("turbo-frame") && element.parentElement === this.listTarget
  }

  open({ detail: { line } }) {
    this.scroll.toTop(line)
  }

  // To the message that a link leads to.
  find({ detail: { article } }) {
    this.scroll.toMiddle(article)
    requestAnimationFrame(() => article.focus({ preventScroll: true })) // the composer takes the focus as it connects
    highlight(article)
  }

  latest = (event) => {
    if (!onSameSide(event.target, this.element)) return
    if (this.list.gap) visit(this.homeValue)
    else this.scroll.toEnd()
  }

  showLatest() {
    if (this.scroll.atEnd) this.missed = 0
    if (this.scroll.atEnd && this.latestTarget === document.activeElement) this.scrollerTarget.focus() // keeps the focus on the page
    this.latestTarget.hidden = this.scroll.atEnd
    this.latestTarget.lastChild.textContent = this.missed > 0 ? `${this.label} (${this.missed})` : this.label
  }

  get cursor() {
    const { streamUrlValue } = this.element.closest("[data-stream-url-value]").dataset
    return Number(new URL(streamUrlValue, location.href).searchParams.get("revision"))
  }
}
