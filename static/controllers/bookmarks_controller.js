import { Controller } from "@hotwired/stimulus"
import change from "lib/change"

const MESSAGES = "article[data-message-id]"

// Shows which messages of the chat its reader has bookmarked. A message is the same for everybody, so the ids come with the
// reader's mark in the list of chats. Bookmarks a message, or removes the bookmark, by the link in its actions.
export default class extends Controller {
  static values = { mark: String } // the id of the element with the reader's mark

  connect() {
    this.changes = new MutationObserver((records) => this.changed(records))
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

  // While the bookmarks stay the same, looks only at changed messages: there may be a thousand.
  changed(records) {
    if (this.bookmarks !== this.shown) return this.show()
    const places = records.flatMap(({ target, addedNodes }) => [target, ...addedNodes])
    this.mark(places.flatMap((place) => (place.matches?.(MESSAGES) ? [place] : [])))
    this.mark(records.flatMap(({ addedNodes }) => [...addedNodes].flatMap(messagesIn)))
    this.changes.takeRecords()
  }

  show() {
    this.shown = this.bookmarks
    this.mark(messagesIn(this.element))
    this.changes.takeRecords()
  }

  // A morph brings the server's version, which has no reader.
  mark(articles) {
    const ids = new Set(this.shown?.split(" "))
    for (const article of articles) article.toggleAttribute("data-bookmarked", ids.has(article.dataset.messageId))
  }

  get bookmarks() {
    return document.getElementById(this.markValue)?.dataset.bookmarks
  }

  chosen = (event) => {
    const link = event.target.closest("a[data-bookmark]")
    if (!link || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    const kept = link.closest("article").hasAttribute("data-bookmarked")
    change(new URL(kept ? "bookmark" : "bookmarks", link.href), kept ? "DELETE" : "POST")
  }
}

function messagesIn(node) {
  return node.querySelectorAll ? [...node.querySelectorAll(MESSAGES)] : []
}
