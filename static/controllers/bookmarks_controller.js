import { Controller } from "@hotwired/stimulus"
import change from "lib/change"

// Shows which messages of the chat its reader has bookmarked. A message is the same for everybody, so the ids come with the
// reader's mark in the list of chats. Bookmarks a message, or removes the bookmark, by the link in its actions.
export default class extends Controller {
  static values = { mark: String } // the id of the element with the reader's mark

  connect() {
    this.changes = new MutationObserver(() => this.show())
    const followed = { childList: true, subtree: true, attributeFilter: ["data-bookmarks", "data-revision"] }
    const chats = document.querySelector(".sidebar__chats")
    for (const element of [this.element, chats]) if (element) this.changes.observe(element, followed)
    this.element.addEventListener("click", this.chosen)
    this.show()
  }

  disconnect() {
    this.changes.disconnect()
    this.element.removeEventListener("click", this.chosen)
  }

  show() {
    const ids = new Set(document.getElementById(this.markValue)?.dataset.bookmarks?.split(" "))
    for (const article of this.element.querySelectorAll("article[data-message-id]")) {
      // A morph brings the server's version, which has no reader.
      article.toggleAttribute("data-bookmarked", ids.has(article.dataset.messageId))
    }
    this.changes.takeRecords()
  }

  chosen = (event) => {
    const link = event.target.closest("a[data-bookmark]")
    if (!link || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    const kept = link.closest("article").hasAttribute("data-bookmarked")
    change(new URL(kept ? "bookmark" : "bookmarks", link.href), kept ? "DELETE" : "POST")
  }
}
