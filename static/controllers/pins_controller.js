import { Controller } from "@hotwired/stimulus"
import change from "lib/change"

// Pins a message, or unpins it, by the link in its actions. Without scripts the link leads to a page with a button.
export default class extends Controller {
  connect() {
    this.element.addEventListener("click", this.chosen)
  }

  disconnect() {
    this.element.removeEventListener("click", this.chosen)
  }

  chosen = (event) => {
    const link = event.target.closest("a[data-pin]")
    if (!link || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    const pinned = link.closest("article").hasAttribute("data-pinned")
    change(new URL(pinned ? "pin" : "pins", link.href), pinned ? "DELETE" : "POST")
  }
}
