import { Controller } from "@hotwired/stimulus"
import tell from "lib/notice"
import { reason, send } from "lib/request"
import { apply } from "turbo/render"

const UNREACHED = "The server is out of reach. Try again in a moment."

// Pins a message, or takes it off, by the link in its actions. Without scripts the link leads to a page with a button.
export default class extends Controller {
  connect() {
    this.element.addEventListener("click", this.chosen)
  }

  disconnect() {
    this.element.removeEventListener("click", this.chosen)
  }

  chosen = async (event) => {
    const link = event.target.closest("a[data-pin]")
    if (!link || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    const pinned = link.closest("article").hasAttribute("data-pinned")
    try {
      const response = await send(new URL(pinned ? "pin" : "pins", link.href), { method: pinned ? "DELETE" : "POST" })
      if (response.ok) apply(await response.text())
      else tell(await reason(response))
    } catch {
      tell(UNREACHED)
    }
  }
}
