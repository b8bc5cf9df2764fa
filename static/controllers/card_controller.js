import { Controller } from "@hotwired/stimulus"
import { visit } from "@hotwired/turbo"
import { beside } from "lib/placement"

const CARD = /^\/users\/\d+$/

// Opens the card of a person beside the clicked name. Without scripts, and where the card does not arrive, the name
// leads to the page of the card.
export default class extends Controller {
  connect() {
    document.addEventListener("click", this.clicked)
  }

  disconnect() {
    document.removeEventListener("click", this.clicked)
  }

  clicked = (event) => {
    const link = event.target.closest?.("a[href^='/users/']")
    if (!link || !CARD.test(link.pathname) || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    this.open(link)
  }

  async open(link) {
    this.address = link.href
    const anchor = link.getBoundingClientRect()
    const { frame } = this
    frame.removeAttribute("src")
    frame.replaceChildren()
    frame.src = link.href
    await frame.loaded.catch(() => {})
    if (this.address !== link.href) return
    if (!frame.firstElementChild) return visit(link.href)
    this.element.showPopover()
    beside(this.element, anchor)
    this.element.focus({ preventScroll: true })
  }

  // The frame got the log-in page, or an answer from the network in between.
  missing(event) {
    event.preventDefault()
    visit(this.address)
  }

  get frame() {
    return this.element.querySelector("turbo-frame")
  }
}
