import { Controller } from "@hotwired/stimulus"
import { visit } from "@hotwired/turbo"
import highlight from "lib/highlight"
import History from "lib/history"
import LettingGo from "lib/letting_go"
import MessageList from "lib/message_list"
import renderOnce, { nearestFirst, render } from "lib/render_once"
import Scroll from "lib/scroll"
import { onSameSide } from "lib/sides"

// The conversation: puts messages where they belong, loads older ones, and scrolls. Tells of each new message by
// `messages:added` (detail: article), and by `messages:changed` when the whole list was replaced.
export default class extends Controller {
  static targets = ["scroller", "list", "latest", "older", "newer"]
  static values = { home: String } // the address of the page that shows the newest messages

  initialize() {
    this.list = new MessageList({ element: () => this.listElement, cursor: () => this.cursor })
    const hasMore = () => this.list.gap !== null
    this.scroller = this.scrollerTarget
    this.button = this.latestTarget
    this.scroll = new Scroll(this.scroller, { changed: () => this.showLatest(), hasMore })
    this.history = new History(this.list, this.scroll)
    const frames = { older: this.olderTarget, newer: this.newerTarget }
    this.lettingGo = new LettingGo(this.list, this.scroll, this.history, frames)
    this.widths = new ResizeObserver(() => this.widened())
    this.label = this.button.lastChild.textContent.replace(/ \(\d+\)$/, "")
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
    this.widths.observe(this.scroller)
  }

  disconnect() {
    document.removeEventListener("turbo:before-stream-render", this.receive)
    document.removeEventListener("composer:send", this.latest)
    this.element.removeEventListener("turbo:before-fetch-request", this.historyRequested)
    this.element.removeEventListener("turbo:before-frame-render", this.historyCame)
    this.element.removeEventListener("turbo:frame-missing", this.historyFailed)
    this.element.removeEventListener("turbo:fetch-request-error", this.historyFailed)
    this.scroll.stop()
    this.lettingGo.stop()
    this.widths.disconnect()
  }

  listTargetConnected(list) {
    this.scroll.observe(list)
    render(this.list.articles)
    this.dispatch("changed")
  }

  receive = (event) => {
    const stream = event.detail.newStream
    const how = { live: stream.hasAttribute("data-live"), reset: stream.hasAttribute("data-reset") }
    const articles = stream.templateElement.content.querySelectorAll("article[data-message-id]")
    if (stream.target === this.listElement.id) {
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

  widened() {
    const { clientWidth } = this.scroller
    if (this.width && clientWidth && this.width !== clientWidth) this.renderAll()
    this.width = clientWidth
  }

  renderAll() {
    renderOnce(nearestFirst(this.list.articles, this.scroller), this.scroller)
  }

  startAnew(stream) {
    stream.setAttribute("method", "replace") // morphing could keep a frame that is loading, or drop half of it
    this.list.forget()
  }

  append(article, how) {
    const place = this.list.append(article, how)
    if (!place) return
    if (!this.scroll.atEnd) this.missed++
    this.showLatest()
    if (place === "shown") this.dispatch("added", { detail: { article } })
    this.lettingGo.soon()
  }

  historyRequested = ({ target, detail }) => {
    if (this.isHistory(target)) this.history.requested(target, detail.url)
  }

  historyCame = (event) => {
    if (!this.isHistory(event.target)) return
    event.detail.render = (...pages) => {
      this.history.dissolve(...pages)
      this.lettingGo.soon()
    }
  }

  historyFailed = (event) => {
    if (this.isHistory(event.target)) this.history.ended(event.target)
  }

  isHistory(element) {
    return element.matches?.("turbo-frame") && element.parentElement === this.listElement
  }

  open({ detail: { line } }) {
    this.scroll.toTop(line)
  }

  // Shows the message that a link leads to.
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
    if (this.scroll.atEnd && this.button === document.activeElement) this.scroller.focus() // keeps the focus on the page
    this.button.hidden = this.scroll.atEnd
    const words = this.missed > 0 ? `${this.label} (${this.missed})` : this.label
    if (this.button.lastChild.data !== words) this.button.lastChild.data = words
  }

  // Stimulus would look for the target in all messages. So this looks again only when the list was replaced.
  get listElement() {
    if (!this.lastList?.isConnected) this.lastList = this.listTarget
    return this.lastList
  }

  get cursor() {
    const { streamUrlValue } = this.element.closest("[data-stream-url-value]").dataset
    return Number(new URL(streamUrlValue, location.href).searchParams.get("revision"))
  }
}
