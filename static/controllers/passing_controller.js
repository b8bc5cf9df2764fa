import { Controller } from "@hotwired/stimulus"

const SHORTEST = 5_000 // ms
const PER_CHARACTER = 80 // ms; slow readers take about that

// Disappears by itself after the time to read it, but not while somebody points at it or is in another tab. A lasting one
// stays until a click or Escape, which also close the others.
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
    if (document.hidden || this.lastingValue) return
    this.timer = setTimeout(this.end, Math.max(SHORTEST, this.words.length * PER_CHARACTER))
  }

  end = () => this.element.remove()

  // Screen readers announce changes in such a region, and not its first content.
  announce() {
    this.words = this.element.textContent
    this.element.textContent = ""
    requestAnimationFrame(() => (this.element.textContent = this.words))
  }
}
