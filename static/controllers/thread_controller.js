import { Controller } from "@hotwired/stimulus"
import { quotedDeleted, quotedFrom } from "lib/quotes"
import Scroll from "lib/scroll"
import Thread from "lib/thread"
import { prefixIds } from "lib/thread_ids"
import ThreadLoader from "lib/thread_loader"

// A message and its replies, on a page of their own, or in the panel beside their chat. `message` is its id. Loads what
// the page has not brought along, and keeps it live by the stream of the chat.
export default class extends Controller {
  static targets = ["place", "scroller", "list"]
  static values = { message: Number, all: String, prefix: String } // all: the id of the chat's list; prefix: before all ids here

  initialize() {
    this.loader = new ThreadLoader(this.element, { show: this.show, refuse: this.refuse })
  }

  connect() {
    document.addEventListener("turbo:before-stream-render", this.receive)
    this.element.addEventListener("turbo:before-fetch-request", this.requested)
    this.element.addEventListener("turbo:before-frame-render", this.came)
    this.element.addEventListener("turbo:frame-missing", this.failed)
    this.element.addEventListener("turbo:fetch-request-error", this.failed)
    this.connected = true
    if (this.messageValue && (!this.hasListTarget || this.loader.wasInterrupted)) this.load()
  }

  disconnect() {
    document.removeEventListener("turbo:before-stream-render", this.receive)
    this.element.removeEventListener("turbo:before-fetch-request", this.requested)
    this.element.removeEventListener("turbo:before-frame-render", this.came)
    this.element.removeEventListener("turbo:frame-missing", this.failed)
    this.element.removeEventListener("turbo:fetch-request-error", this.failed)
    this.connected = false
    this.loader.stop()
  }

  messageValueChanged() {
    if (!this.connected) return
    this.loader.end()
    this.placeTarget.replaceChildren()
    if (this.messageValue) this.load()
  }

  scrollerTargetConnected(scroller) {
    this.scroll = new Scroll(scroller, { changed: () => {}, hasMore: () => false })
    this.scroll.start()
    const { messageValue: id, allValue: all, prefixValue: prefix, scroll } = this
    const added = (article) => this.tell("added", { article })
    this.thread = new Thread({ element: () => this.listTarget, cursor, scroll, id, all, prefix, added, anew: () => this.load() })
  }

  scrollerTargetDisconnected() {
    this.scroll.stop()
    this.scroll = this.thread = null
  }

  listTargetConnected(list) {
    this.scroll?.observe(list)
    this.tell("changed", {})
  }

  receive = (event) => {
    this.loader.note(event.detail.newStream)
    if (this.thread?.take(event.detail.newStream)) event.preventDefault()
  }

  load() {
    this.loader.load(`/messages/${this.messageValue}/replies?panel`)
  }

  show = (column, missed) => {
    prefixIds(column, this.prefixValue)
    this.hasListTarget ? this.renew(column) : this.begin(column)
    queueMicrotask(() => missed.forEach((stream) => this.thread?.take(stream))) // once Stimulus knows the new elements
  }

  // The composer stays, with its draft.
  renew(column) {
    this.thread.list.forget()
    this.listTarget.replaceWith(column.querySelector("[data-thread-target=list]"))
  }

  // The composer gets the focus, unless the reader is elsewhere by now.
  begin(column) {
    column.querySelector(".composer").dataset.composerFocusValue = this.element.contains(document.activeElement)
    this.placeTarget.replaceChildren(column)
  }

  refuse = (words) => {
    const line = document.createElement("p")
    Object.assign(line, { className: "replies__empty", textContent: words })
    this.placeTarget.replaceChildren(line)
  }

  // What the composer sends quotes the first message.
  quote({ detail }) {
    const first = this.listTarget.querySelector(`:scope > [data-message-id="${this.messageValue}"]`)
    detail.quoted = first ? quotedFrom(first) : quotedDeleted(this.messageValue)
    this.scroll.toEnd()
  }

  requested = ({ target }) => {
    if (this.isEarlier(target)) this.thread.history.requested(target)
  }

  came = (event) => {
    if (this.isEarlier(event.target)) event.detail.render = this.thread.dissolve
  }

  failed = ({ target }) => {
    if (this.isEarlier(target)) this.thread.history.ended(target)
  }

  isEarlier(element) {
    return this.hasListTarget && element.parentElement === this.listTarget && element.matches("turbo-frame")
  }

  // Tells the outbox, as a chat does.
  tell(name, detail) {
    this.dispatch(name, { prefix: "messages", target: this.listTarget, detail })
  }
}

function cursor() {
  const { streamUrlValue } = document.querySelector("[data-stream-url-value]").dataset
  return Number(new URL(streamUrlValue, location.href).searchParams.get("revision"))
}
