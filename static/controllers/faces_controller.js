import { Controller } from "@hotwired/stimulus"
import Face from "lib/faces"

// Keeps the people of a chat looking as they do now. The stream brings each new look once. Messages that come later,
// such as a page of history on its way, may have been rendered before it.
export default class extends Controller {
  static targets = ["face"]

  initialize() {
    this.changes = new MutationObserver((changes) => this.changed(changes))
  }

  disconnect() {
    this.changes.disconnect()
  }

  faceTargetConnected(element) {
    new Face(element).show(document)
    this.changes.observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-revision"] })
  }

  changed(changes) {
    const faces = this.faceTargets.map((element) => new Face(element))
    const places = new Set(changes.filter(({ target }) => !this.element.contains(target)).flatMap(placesOf))
    for (const place of places) for (const face of faces) face.show(place)
    this.changes.takeRecords() // those that this has made itself
  }
}

// A change in a message concerns all of it. A change in a list concerns only what came, because the list may be long.
function placesOf({ target, addedNodes }) {
  const whole = target.closest("[data-author-id]")
  return whole ? [whole] : [...addedNodes].filter(({ nodeType }) => nodeType === Node.ELEMENT_NODE)
}
