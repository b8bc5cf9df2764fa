import { Controller } from "@hotwired/stimulus"
import { currentUserId } from "lib/session"

// "(3) Team · Plainwire": how many messages of others came while nobody looked.
export default class extends Controller {
  connect() {
    this.unread = 0
    document.addEventListener("messages:added", this.count)
    document.addEventListener("visibilitychange", this.seen)
  }

  disconnect() {
    document.removeEventListener("messages:added", this.count)
    document.removeEventListener("visibilitychange", this.seen)
  }

  count = ({ detail: { article } }) => {
    if (!document.hidden || article.dataset.authorId === currentUserId()) return
    this.unread++
    this.show()
  }

  seen = () => {
    if (document.hidden) return
    this.unread = 0
    this.show()
  }

  show() {
    const title = document.title.replace(/^\(\d+\) /, "")
    document.title = this.unread > 0 ? `(${this.unread}) ${title}` : title
  }
}
