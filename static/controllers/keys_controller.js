import { Controller } from "@hotwired/stimulus"
import { isDialogOpen } from "lib/dialogs"
import { isTyping, MAIN } from "lib/keys"

// The list of all keys, which "?" opens.
export default class extends Controller {
  static targets = ["main"]

  mainTargetConnected(key) {
    key.textContent = MAIN
  }

  pressed(event) {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || isTyping(event) || isDialogOpen()) return
    event.preventDefault()
    this.element.showModal()
    this.dispatch("shown")
  }

  // The dialog's own box has no padding, so a click whose target is the dialog was beside the box.
  closeOutside({ target }) {
    if (target === this.element) this.element.close()
  }
}
