import { Controller } from "@hotwired/stimulus"
import { isLogIn, parse } from "lib/ours"
import { currentUserId } from "lib/session"
import { erase, keys } from "lib/storage"

const KEPT = ["draft", "change", "outbox"]

// Leaves nothing that the reader wrote on a shared computer after the log-out: drafts go, and, after a question, so do
// unsent messages. An expired session keeps them: its reader comes back.
export default class extends Controller {
  ask() {
    this.user = currentUserId()
    const unsent = keys(`outbox:${this.user}:`).length
    if (unsent > 0) this.element.dataset.turboConfirm = this.question(unsent)
    else delete this.element.dataset.turboConfirm
  }

  async forget({ detail: { success, fetchResponse } }) {
    if (!success || !isLogIn(parse(await fetchResponse.responseHTML))) return
    for (const kind of KEPT) keys(`${kind}:${this.user}:`).forEach(erase)
    erase("reader")
  }

  question(unsent) {
    if (unsent === 1) return "A message of yours has not been sent yet. Log out and drop it?"
    return `${unsent} messages of yours have not been sent yet. Log out and drop them?`
  }
}
