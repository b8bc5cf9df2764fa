import { Controller } from "@hotwired/stimulus"
import highlight from "lib/highlight"
import { messageOf } from "lib/quotes"

// Goes to the message that a quote shows. Where the page has not loaded it, the link leads there.
export default class extends Controller {
  connect() {
    this.element.addEventListener("click", this.clicked)
  }

  disconnect() {
    this.element.removeEventListener("click", this.clicked)
  }

  clicked = (event) => {
    const quote = event.target.closest("a[data-quoted-message]")
    const message = quote && !event.metaKey && !event.ctrlKey && messageOf(quote)
    if (!message) return
    event.preventDefault()
    message.scrollIntoView({ block: "center" })
    message.focus({ preventScroll: true })
    highlight(message)
  }
}
