import { Controller } from "@hotwired/stimulus"
import { actionsOf } from "lib/actions"
import Drafts from "lib/drafts"
import { fillQuote, quotedFrom } from "lib/quotes"
import { currentUserId } from "lib/session"

// The bar above the composer, which shows the message that the new one answers. The composer takes it from the drafts.
// Reply is a link in the actions of a message, and the key R while a message has the focus. Escape cancels.
export default class extends Controller {
  static targets = ["bar"]

  connect() {
    this.drafts = new Drafts(currentUserId(), new URL(this.element.action).pathname)
    const { signal } = (this.listeners = new AbortController())
    document.addEventListener("click", (event) => this.clicked(event), { signal })
    // Before the composer, for which Escape may end a change.
    document.addEventListener("keydown", (event) => this.pressed(event), { signal, capture: true })
    this.element.addEventListener("composer:send", () => this.quote(null), { signal })
    this.element.addEventListener("outbox:edit", ({ detail }) => detail.quoted && this.quote(detail.quoted), { signal })
    this.quote(this.drafts.quoted)
  }

  disconnect() {
    this.listeners.abort()
  }

  clicked(event) {
    const link = event.target.closest?.("a[data-reply-to]")
    if (link && !event.metaKey && !event.ctrlKey && this.canWrite) this.begin(event, link)
  }

  pressed(event) {
    if (event.key === "Escape" && event.target === this.input && !this.isEditing && !this.isChoosing) return this.quote(null)
    if (event.key.toLowerCase() !== "r" || event.metaKey || event.ctrlKey || event.altKey) return
    const link = event.target.matches?.("article") && actionsOf(event.target)?.querySelector("a[data-reply-to]")
    if (link && isOffered(link) && this.canWrite) this.begin(event, link)
  }

  begin(event, link) {
    event.preventDefault()
    this.dispatch("begin")
    this.quote(quotedFrom(link.closest("article")))
    this.input.focus()
  }

  cancel() {
    this.quote(null)
    this.input.focus()
  }

  quote(quoted) {
    this.drafts.quoted = quoted
    fillQuote(this.barTarget, quoted)
    describe(this.input, "composer_quoted", quoted)
  }

  get canWrite() {
    return !this.input.readOnly
  }

  get isEditing() {
    return this.element.querySelector(".composer__editing:not([hidden])") !== null
  }

  // Whether a list of names or emoji is open, which Escape closes.
  get isChoosing() {
    return this.input.hasAttribute("aria-activedescendant")
  }

  get input() {
    return this.element.elements.content
  }
}

// Screen readers read a description even where it is hidden.
function describe(input, id, wanted) {
  const others = input.getAttribute("aria-describedby").split(" ").filter((other) => other !== id)
  input.setAttribute("aria-describedby", [...(wanted ? [id] : []), ...others].join(" "))
}

// CSS offers the link to members only.
function isOffered(link) {
  return getComputedStyle(link).display !== "none"
}
