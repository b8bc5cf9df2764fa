import { Controller } from "@hotwired/stimulus"
import company from "lib/company"

// Counts the people of a chat who are here, besides the reader.
export default class extends Controller {
  static values = { stream: String }

  connect() {
    company.addEventListener("change", this.show)
    this.element.addEventListener("turbo:before-morph-element", this.keep)
    this.show()
  }

  disconnect() {
    company.removeEventListener("change", this.show)
    this.element.removeEventListener("turbo:before-morph-element", this.keep)
  }

  keep = (event) => {
    if (event.target === this.element) event.preventDefault()
  }

  show = () => {
    const count = company.count(this.streamValue)
    this.element.textContent = count ? `, ${count} here` : ""
  }
}
