import { Controller } from "@hotwired/stimulus"
import company from "lib/company"

const UNKNOWN = "Not known at the moment"

// Marks a person who is here, in words or by a dot. Until something is known of the person, the mark stays as it came.
export default class extends Controller {
  static values = { id: Number, stream: String, words: Boolean }

  connect() {
    company.addEventListener("change", this.show)
    this.element.addEventListener("turbo:before-morph-element", this.keep)
    this.show()
  }

  disconnect() {
    company.removeEventListener("change", this.show)
    this.element.removeEventListener("turbo:before-morph-element", this.keep)
  }

  // The server's version does not know who is here, and the mark would blink.
  keep = (event) => {
    const { target, detail } = event
    if (target === this.element && Number(detail.newElement?.dataset.hereIdValue) === this.idValue) event.preventDefault()
  }

  // A morph may have made the mark of one person that of another.
  idValueChanged(id, before) {
    if (before) this.show()
  }

  show = () => {
    const here = company.has(this.idValue, this.streamValue)
    if (here === undefined) return
    const { element } = this
    const state = here === null ? "unknown" : here ? "here" : ""
    set(element, "data-state", state)
    set(element, "title", { unknown: UNKNOWN, here: this.wordsValue ? "" : "Here now" }[state])
    if (this.wordsValue) element.textContent = here ? "Here now" : ""
    else this.speak(here)
  }

  // A label and not a text: the title of the page, the switcher and a copied line have the name alone.
  speak(here) {
    set(this.element, "role", here ? "img" : "")
    set(this.element, "aria-label", here ? ", here now" : "")
  }
}

function set(element, name, value) {
  if (value) element.setAttribute(name, value)
  else element.removeAttribute(name)
}
