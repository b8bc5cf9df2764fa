import { Controller } from "@hotwired/stimulus"
import ChatList from "lib/chat_list"
import { countInTitle } from "lib/document_title"
import { currentUserId } from "lib/session"
import { onChange } from "lib/storage"

const FOLLOWED = [
  "data-newest", "data-for-all", "data-archived", "data-read-id", "data-seen-id", "data-mentioned-id", "data-looked-id",
  "data-favourite", "data-muted",
]

// Keeps the list of chats in order, its counts right, and the open chat marked, whatever arrives. A screen reader hears
// a count as the description of its link, and is not interrupted.
export default class extends Controller {
  connect() {
    this.list = new ChatList(this.element, Number(currentUserId()))
    this.changes = new MutationObserver(() => this.update())
    this.changes.observe(this.element, { childList: true, subtree: true, attributeFilter: FOLLOWED })
    document.addEventListener("turbo:before-stream-render", this.markOpen)
    this.forgetDrafts = onChange("draft:", () => this.update())
    this.update()
  }

  disconnect() {
    this.changes.disconnect()
    document.removeEventListener("turbo:before-stream-render", this.markOpen)
    this.forgetDrafts()
  }

  update() {
    const { count, mentions } = this.list.update()
    countInTitle(count)
    document.querySelector(".sidebar__mentions")?.toggleAttribute("data-new", mentions)
    this.changes.takeRecords()
  }

  // The server's version does not know which chat is open here, and a morph would take the mark away.
  markOpen = ({ detail: { newStream } }) => {
    const open = this.element.closest("[data-open-head]")?.dataset.openHead
    if (open) newStream.templateElement?.content.getElementById(open)?.setAttribute("aria-current", "page")
  }
}
