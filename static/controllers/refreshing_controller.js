import { Controller } from "@hotwired/stimulus"
import { getPage } from "lib/request"

const EVERY = 30_000 // ms

// Brings the parts of the page up to date, each by its id, while the tab is visible. The rest of the page stays, and so
// does a part that has the focus or a selection.
export default class extends Controller {
  static targets = ["part"]

  connect() {
    this.timer = setInterval(this.look, EVERY)
    document.addEventListener("visibilitychange", this.look)
  }

  disconnect() {
    clearInterval(this.timer)
    document.removeEventListener("visibilitychange", this.look)
  }

  look = async () => {
    if (document.hidden || this.asking) return
    this.asking = true
    try {
      this.show(await getPage(location.href))
    } catch {
      // The server is away. What was known stays until it is back.
    } finally {
      this.asking = false
    }
  }

  show(page) {
    for (const part of this.partTargets) {
      const fresh = page.getElementById(part.id)
      if (fresh && !isInUse(part) && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes)
    }
    for (const details of this.element.querySelectorAll("details[hidden]")) details.hidden = !details.textContent.trim()
  }
}

function isInUse(part) {
  const selection = getSelection()
  return part.contains(document.activeElement) || (!selection.isCollapsed && selection.containsNode(part, true))
}
