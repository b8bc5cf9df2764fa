import { Controller } from "@hotwired/stimulus"

const SHORTEST = 5_000 // ms
const PER_CHARACTER = 80 // ms; slow readers take about that
const LASTING = 3 // times as long for errors, which come when nobody looks for them

// Disappears by itself after the time to read it, but not while the reader points at it or is in another tab. A click
// or Escape closes it at once.
export default class extends Controller {
  static values = { lasting: Boolean }

  connect() {
    const { signal } = (this.listeners = new AbortController())
    this.element.addEventListener("pointerenter", this.stay, { signal })
    this.element.addEventListener("pointerleave", this.go, { signal })
    this.element.addEventListener("click", this.end, { signal })
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.end(), { signal })
    document.addEventListener("visibilitychange", this.go, { signal })
    this.announce()
    this.go()
  }

  disconnect() {
    this.listeners.abort()
    this.stay()
  }

  stay = () => clearTimeout(this.timer)

  go = () => {
    this.stay()
    if (document.hidden) return
    const reading = Math.max(SHORTEST, this.words.length * PER_CHARACTER)
    this.timer = setTimeout(this.end, this.lastingValue ? LASTING * reading : reading)
  }

  end = () => this.element.remove()

  // Screen readers announce changes in such a region, but not its first content.
  announce() {
    this.words = this.element.textContent
    this.element.textContent = ""
    requestAnimationFrame(() => (this.element.textContent = this.words))
  }
}
