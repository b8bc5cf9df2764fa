import { Controller } from "@hotwired/stimulus"
import MessageList from "lib/message_list"
import { getPage } from "lib/request"

const PAUSE = 1_000 // ms until it asks for the page again

// The page of a message and its replies: takes what concerns them from the stream of their chat.
export default class extends Controller {
  static targets = ["list"]
  static values = { url: String, all: String, quote: String } // all: the id of the chat's list; quote: the class of the quotes

  initialize() {
    this.list = new MessageList({ element: () => this.listTarget, cursor: () => revisionOf(this.element) })
  }

  connect() {
    document.addEventListener("turbo:before-stream-render", this.receive)
  }

  disconnect() {
    document.removeEventListener("turbo:before-stream-render", this.receive)
  }

  receive = (event) => {
    const { action, target, targets, templateElement } = event.detail.newStream
    const content = document.importNode(templateElement.content, true)
    const article = content.querySelector("article[data-message-id]")
    if (target === this.allValue) action === "append" ? this.append(article) : this.renew()
    else if (targets?.startsWith(".quote")) this.list.requote(targets, content.firstElementChild)
    else if (action === "replace" && article?.id === target) this.list.replace(article, {})
    else {
      if (action === "remove" && target) this.list.remove(target)
      return // Turbo handles elements that are not messages
    }
    event.preventDefault()
  }

  append(article) {
    if (article.getElementsByClassName(this.quoteValue).length > 0) this.list.append(article, { live: true })
  }

  // The whole chat came anew. What arrived while the page was on its way is on the next one.
  async renew() {
    const page = await getPage(this.urlValue).catch(() => null)
    if (!this.element.isConnected) return
    if (!page || revisionOf(page.querySelector("[data-stream-url-value]")) < revisionOf(this.element)) {
      return setTimeout(() => this.renew(), PAUSE)
    }
    this.list.forget()
    this.listTarget.replaceWith(page.querySelector("[data-thread-target=list]"))
  }
}

function revisionOf(element) {
  return Number(new URL(element.dataset.streamUrlValue, location.href).searchParams.get("revision"))
}
