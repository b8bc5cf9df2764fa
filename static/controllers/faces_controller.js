import { Controller } from "@hotwired/stimulus"
import Face from "lib/faces"

// Keeps the people of a chat looking as they do now. The stream brings each new look once. Messages that come later may
// have been rendered before it, such as a page of history that was on its way.
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
    const places = new Set(changes.map(({ target }) => target).filter((target) => !this.element.contains(target)))
    for (const place of places) for (const face of faces) face.show(place.parentElement ?? place)
    this.changes.takeRecords() // of what this has written itself
  }
}
