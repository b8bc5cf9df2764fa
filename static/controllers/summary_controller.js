import { Controller } from "@hotwired/stimulus"

const EVERY = 2_000 // ms between two looks at a summary that is being written

// Looks whether a summary is done. The state is the server's, so it is the same after a reload, in a second tab and
// after an outage of the network. Another tab may have asked for the summary, or closed it, while this one was hidden.
export default class extends Controller {
  static targets = ["frame", "status"]
  static values = { url: String }

  connect() {
    this.state = this.shown?.dataset.state
    this.timer = setInterval(this.look, EVERY)
    document.addEventListener("visibilitychange", this.comeBack)
  }

  disconnect() {
    clearInterval(this.timer)
    document.removeEventListener("visibilitychange", this.comeBack)
  }

  look = () => {
    if (this.state === "running" && !document.hidden) this.refresh()
  }

  comeBack = () => {
    if (this.state && !document.hidden) this.refresh()
  }

  refresh() {
    const frame = this.frameTarget
    if (frame.hasAttribute("busy")) return
    if (frame.src) frame.reload()
    else frame.src = this.urlValue
  }

  // The button that had the focus goes with the part around it.
  sent() {
    this.takesFocus = true
  }

  // An unchanged summary stays, and with it the focus, a selection, and how far the reader has scrolled.
  keep({ detail }) {
    const next = detail.newFrame.querySelector("[data-state]")
    if (isSame(next, this.shown)) detail.render = () => {}
    else this.takesFocus ||= this.frameTarget.contains(document.activeElement)
  }

  loaded() {
    const { state, words = "" } = this.shown?.dataset ?? {}
    if (state !== this.state) this.statusTarget.textContent = words
    this.state = state
    if (this.takesFocus) this.shown?.focus({ preventScroll: true })
    this.takesFocus = false
  }

  get shown() {
    return this.frameTarget.querySelector("[data-state]")
  }
}

function isSame(next, shown) {
  return Boolean(next && shown) && ["state", "version"].every((name) => next.dataset[name] === shown.dataset[name])
}
