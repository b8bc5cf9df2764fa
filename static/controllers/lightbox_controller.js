import { Controller } from "@hotwired/stimulus"
import { onSameSide } from "lib/sides"

const SWIPE = 50 // pixels

// Shows the pictures of the page one at a time, as large as the screen allows. Arrows and swipes lead to the next one.
export default class extends Controller {
  static targets = ["image", "name", "place", "save", "previous", "next"]

  connect() {
    const { signal } = (this.listeners = new AbortController())
    document.addEventListener("click", (event) => this.clicked(event), { signal })
    this.element.addEventListener("keydown", (event) => this.pressed(event), { signal })
    this.element.addEventListener("close", () => this.closed(), { signal })
    if (this.element.open) this.element.close() // a snapshot of the page
  }

  disconnect() {
    this.listeners.abort()
  }

  clicked(event) {
    const link = event.target.closest?.("a[data-lightbox]")
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    this.opener = link
    this.show(link)
    this.element.showModal()
  }

  pressed(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!step) return
    event.preventDefault()
    this.move(getComputedStyle(this.element).direction === "rtl" ? -step : step)
  }

  previous() {
    this.move(-1)
  }

  next() {
    this.move(1)
  }

  // Pictures may have come and gone since.
  move(step) {
    const links = this.links
    const index = links.findIndex((link) => link.href === this.shown)
    const link = links[index < 0 ? links.length - 1 : index + step]
    if (link) this.show(link)
  }

  show(link) {
    const links = this.links
    const index = links.indexOf(link)
    const [width, height] = link.dataset.lightbox.split("x").map(Number)
    const { alt } = link.querySelector("img")
    this.shown = link.href
    this.imageTarget.removeAttribute("src") // otherwise the last picture would stand in the new one's place
    Object.assign(this.imageTarget, { width, height, alt, src: link.href })
    Object.assign(this.saveTarget, { href: link.href, download: alt })
    this.nameTarget.textContent = alt
    this.placeTarget.textContent = links.length > 1 ? `${index + 1} of ${links.length}` : ""
    this.previousTarget.disabled = index <= 0
    this.nextTarget.disabled = index === links.length - 1
    this.opener = link
  }

  touched({ touches }) {
    this.touch = touches.length === 1 ? { x: touches[0].clientX, y: touches[0].clientY } : null
  }

  // Not while the page is zoomed in: then a finger moves the picture.
  released({ changedTouches }) {
    if (!this.touch || visualViewport?.scale > 1.05) return
    const x = changedTouches[0].clientX - this.touch.x
    const y = changedTouches[0].clientY - this.touch.y
    if (Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) this.move(x < 0 ? 1 : -1)
  }

  // A click beside the picture closes it.
  dismiss(event) {
    if (event.target === this.element || event.target.matches(".lightbox__stage")) this.element.close()
  }

  close() {
    this.element.close()
  }

  // The browser gives the focus back to the link clicked first. The page may have moved on to another picture.
  closed() {
    this.imageTarget.removeAttribute("src")
    if (this.opener?.isConnected) this.opener.focus()
  }

  get links() {
    return [...document.querySelectorAll("a[data-lightbox]")].filter((link) => onSameSide(link, this.opener))
  }
}
