import { Controller } from "@hotwired/stimulus"
import { messageOf } from "lib/quotes"

const POINTED = "message--pointed"

// Goes to the message that a quote shows. One that the page has not loaded has a page of its own, where the link leads.
export default class extends Controller {
  connect() {
    this.element.addEventListener("click", this.clicked)
    this.element.addEventListener("animationend", this.seen)
  }

  disconnect() {
    this.element.removeEventListener("click", this.clicked)
    this.element.removeEventListener("animationend", this.seen)
    for (const message of this.element.querySelectorAll(`.${POINTED}`)) message.classList.remove(POINTED)
  }

  clicked = (event) => {
    const quote = event.target.closest("a[data-quoted-message]")
    const message = quote && !event.metaKey && !event.ctrlKey && messageOf(quote)
    if (!message) return
    event.preventDefault()
    message.scrollIntoView({ block: "center" })
    message.focus({ preventScroll: true })
    message.classList.add(POINTED)
  }

  seen = ({ target, animationName }) => {
    if (animationName === "pointed") target.closest("article").classList.remove(POINTED)
  }
}
