import { Controller } from "@hotwired/stimulus"
import { session } from "@hotwired/turbo"
import { beforeTurboPops, leaveToTurbo } from "lib/popstate"
import { keepingInSight } from "lib/scroll"

const WIDE = "(min-width: 1024px)" // css/replies.css has the same

// The panel beside a chat. Where there is room, it opens for the replies that a link leads to, and says so in the
// address. Back, Escape and the button close it. The chat stays as it is.
export default class extends Controller {
  static targets = ["title"]

  connect() {
    document.addEventListener("click", this.clicked)
    beforeTurboPops(this.popped)
    this.href = location.href
    this.opened = this.leaving = false // opened: whether the entry before this one is the same page without a thread
    if (this.shown !== threadIn(location)) this.reset() // a message of another chat, or a snapshot of another moment
  }

  disconnect() {
    document.removeEventListener("click", this.clicked)
    leaveToTurbo(this.popped)
  }

  clicked = (event) => {
    const link = event.target.closest?.("a.thread__link")
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !matchMedia(WIDE).matches) return
    event.preventDefault()
    this.open(Number(link.closest("article").dataset.messageId))
  }

  open(id) {
    if (this.leaving) return (this.next = id)
    if (this.shown === id) return this.titleTarget.focus()
    this.opened ||= this.shown === 0
    this.move(this.shown === 0 ? "push" : "replace", id)
    this.show(id)
    this.titleTarget.focus()
  }

  // The browser goes back a moment later.
  close() {
    this.leaving = this.opened
    this.leaving ? history.back() : this.move("replace", 0)
    this.hide()
  }

  reset() {
    this.show(0)
    this.move("replace", 0)
  }

  // Escape within the panel closes it, unless something open in it has to close first.
  pressed(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return
    if (this.element.querySelector(":popover-open, .composer__editing:not([hidden])")) return
    event.preventDefault()
    this.close()
  }

  // Returns whether it is this page, with or without a thread.
  popped = (event) => {
    if (withoutThread(location.href) !== withoutThread(this.href)) return false
    session.history.replace(new URL(location.href), event.state?.turbo?.restorationIdentifier)
    this.href = location.href
    this.opened = this.leaving = false
    threadIn(location) ? this.show(threadIn(location)) : this.hide()
    if (this.next) this.open(this.next)
    this.next = null
    return true
  }

  hide() {
    const hadFocus = this.element.contains(document.activeElement)
    const { shown } = this
    this.show(0)
    if (hadFocus) returnFocus(shown)
  }

  show(id) {
    if (id === this.shown) return
    const scroller = document.querySelector(".conversation__scroller")
    keepingInSight(scroller, document.getElementById(`message_${id || this.shown}`), () => {
      this.element.hidden = id === 0
      this.element.dataset.threadMessageValue = id
    })
  }

  move(how, id) {
    const url = new URL(location.href)
    id ? url.searchParams.set("thread", id) : url.searchParams.delete("thread")
    session.history[how](url)
    this.href = url.href
  }

  get shown() {
    return this.element.hidden ? 0 : Number(this.element.dataset.threadMessageValue)
  }
}

function threadIn({ search }) {
  return Number(new URLSearchParams(search).get("thread")) || 0
}

function withoutThread(href) {
  const url = new URL(href)
  url.searchParams.delete("thread")
  return url.href
}

// Returns the focus to the link that opened the thread, or to what is left of it.
function returnFocus(id) {
  const article = document.getElementById(`message_${id}`)
  const next = article?.querySelector(".thread__link") ?? article ?? document.querySelector(".chat .composer__input")
  next.focus({ preventScroll: true })
}
