import History from "lib/history"
import MessageList from "lib/message_list"
import { prefixIds } from "lib/thread_ids"
import grow from "turbo/growth"

/**
 * A message and those that quote it, kept as the stream of their chat says. `element()` is their list, `id` the first
 * message, `all` the id of the chat's list, and `prefix` comes before the ids of the messages here. Calls
 * `added(article)` for each new one, and `anew()` when the whole chat was replaced.
 */
export default class Thread {
  constructor({ element, cursor, scroll, id, all, prefix, added, anew }) {
    Object.assign(this, { id, all, prefix, added, anew })
    this.list = new MessageList({ element, cursor })
    this.history = new History(this.list, scroll)
  }

  /** Returns whether `stream` concerned messages, so that nothing else has to handle it. */
  take(stream) {
    const { action, target, targets, templateElement } = stream
    const how = { live: stream.hasAttribute("data-live"), reset: stream.hasAttribute("data-reset") }
    const content = document.importNode(templateElement.content, true)
    prefixIds(content, this.prefix)
    const article = content.querySelector("article[data-message-id]")
    if (target === this.all) action === "append" ? this.append(article, how) : this.anew()
    else if (targets?.startsWith(".quote")) this.list.requote(targets, content.firstElementChild)
    else if (action === "replace" && article?.id === this.prefix + target) this.list.replace(article, how)
    else {
      if (action === "remove" && target) this.list.remove(this.prefix + target)
      if (action === "grow") this.grow(stream)
      return false // Turbo handles elements that are not messages
    }
    return true
  }

  // Without a prefix, Turbo itself finds the message here.
  grow(stream) {
    if (!this.prefix) return
    const copy = stream.cloneNode(true)
    copy.setAttribute("target", this.prefix + stream.target)
    prefixIds(copy.templateElement.content, this.prefix)
    if (this.list.awaits(copy.target) || !grow(copy)) this.anew()
  }

  append(article, how) {
    if (!article.querySelector(`.quote_message_${this.id}`)) return
    if (this.list.append(article, how)) this.added(article)
  }

  /** For `render` of turbo:before-frame-render: puts the earlier replies in the place of their frame. */
  dissolve = (frame, page) => {
    prefixIds(page, this.prefix)
    this.history.dissolve(frame, page)
  }
}
