import { Controller } from "@hotwired/stimulus"
import { copy } from "lib/clipboard"

const THANKS = 2_000 // ms

// Adds a button to each block of code that copies it.
export default class extends Controller {
  connect() {
    this.element.addEventListener("turbo:before-morph-element", this.keep)
    this.element.addEventListener("turbo:morph-element", this.grown)
    this.addButtons()
  }

  disconnect() {
    this.element.removeEventListener("turbo:before-morph-element", this.keep)
    this.element.removeEventListener("turbo:morph-element", this.grown)
  }

  // Newer versions of the message come without buttons.
  keep = (event) => {
    if (event.target.matches(".copy-code")) event.preventDefault()
  }

  grown = (event) => {
    if (event.target === this.element) this.addButtons()
  }

  addButtons() {
    for (const block of this.element.querySelectorAll("pre")) {
      if (!block.querySelector(".copy-code")) block.append(this.button(block))
    }
  }

  button(block) {
    const button = document.createElement("button")
    Object.assign(button, { type: "button", className: "copy-code", textContent: "Copy" })
    button.addEventListener("click", () => this.copy(block, button))
    return button
  }

  async copy(block, button) {
    await copy((block.querySelector("code") ?? block).textContent)
    button.textContent = "Copied"
    setTimeout(() => (button.textContent = "Copy"), THANKS)
  }
}
