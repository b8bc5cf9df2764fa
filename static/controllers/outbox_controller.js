import { Controller } from "@hotwired/stimulus"
import { senderOfThisReader } from "lib/outbox_sender"
import { showFiles } from "lib/pending_files"
import WaitingWords from "lib/waiting_words"
import { fillQuote } from "lib/quotes"
import { currentUserId } from "lib/session"

// Up to three emoji are large, as on the server. Not by `\p{RGI_Emoji}`: to a browser that is some years old it is a
// syntax error, and then no script runs at all.
const EMOJI = String.raw`\p{ExtPict}[\p{EMod}\ufe0f]?`
const LONE_EMOJI = new RegExp(String.raw`^(?:(?:\p{RI}{2}|[\d#*]\ufe0f?\u20e3|${EMOJI}(?:\u200d${EMOJI})*)\s*){1,3}$`, "u")

// Takes what the composer sends, and shows what the server has not confirmed yet.
export default class extends Controller {
  static targets = ["list", "template", "form", "state"]

  connect() {
    this.sender = senderOfThisReader()
    this.element.addEventListener("composer:send", this.send)
    this.element.addEventListener("messages:added", this.confirm)
    this.element.addEventListener("messages:changed", this.confirm)
    document.addEventListener("outbox:changed", this.show)
    document.addEventListener("uploads:changed", this.show)
    this.waitingWords = new WaitingWords((words) => (this.stateTarget.textContent = words))
    this.confirm()
    this.show()
  }

  disconnect() {
    this.element.removeEventListener("composer:send", this.send)
    this.element.removeEventListener("messages:added", this.confirm)
    this.element.removeEventListener("messages:changed", this.confirm)
    document.removeEventListener("outbox:changed", this.show)
    document.removeEventListener("uploads:changed", this.show)
    this.waitingWords.end()
  }

  send = ({ detail }) => this.sender.add({ chat: this.chat, url: this.chat, ...detail })

  // The message is confirmed when the page shows it, whichever way it came.
  confirm = () => {
    if (this.sender.outbox.entries.length === 0) return // of any chat: finding this chat's takes a look at all entries
    for (const { id } of this.entries) if (this.isShown(id)) this.sender.confirm(id)
  }

  // Leaves alone the bubbles that stay: a button in one may have the focus.
  show = () => {
    const waiting = this.entries
    for (const bubble of this.listTarget.querySelectorAll("article")) {
      if (!waiting.some(({ id }) => id === bubble.dataset.outboxId)) bubble.remove()
    }
    for (const entry of waiting) this.fill(this.bubbleOf(entry), entry)
    this.waitingWords.waits(waiting.some(({ error }) => !error))
  }

  retry(event) {
    this.sender.retry(this.idOf(event))
  }

  edit(event) {
    const { content, quoted } = this.sender.outbox.get(this.idOf(event))
    this.sender.settle(this.idOf(event), { keepsFiles: true })
    this.dispatch("edit", { target: this.formTarget, detail: { content, quoted } })
  }

  discard(event) {
    this.sender.settle(this.idOf(event))
  }

  bubbleOf({ id, at, content, quoted }) {
    const shown = this.listTarget.querySelector(`[data-outbox-id="${CSS.escape(id)}"]`)
    if (shown) return shown
    const bubble = this.templateTarget.content.firstElementChild.cloneNode(true)
    bubble.dataset.outboxId = id
    part(bubble, "time").dateTime = new Date(at).toISOString()
    part(bubble, "content").append(...paragraphs(content))
    fillQuote(part(bubble, "quote"), quoted)
    this.listTarget.append(bubble)
    return bubble
  }

  fill(bubble, { error, final, files = [] }) {
    showFiles(part(bubble, "files"), files)
    const state = error ? "failed" : "pending"
    if (bubble.dataset.state === state && !error) return
    bubble.dataset.state = state
    part(bubble, "error").textContent = error ?? ""
    part(bubble, "choices").hidden = !error
    part(bubble, "retry").hidden = final
  }

  isShown(id) {
    const own = `[data-author-id="${CSS.escape(currentUserId())}"][data-client-id="${CSS.escape(id)}"]`
    return this.element.querySelector(own) !== null
  }

  idOf(event) {
    return event.target.closest("[data-outbox-id]").dataset.outboxId
  }

  get entries() {
    const { thread } = this
    const isHere = ({ chat, quoted }) => chat === this.chat && (!thread || quoted?.id === thread)
    return this.sender.outbox.entries.filter(isHere)
  }

  // The id of the message that everything here quotes; undefined in a chat.
  get thread() {
    return this.formTarget.elements.reply_to?.value
  }

  // The address that messages are sent to names the chat.
  get chat() {
    return new URL(this.formTarget.action).pathname
  }
}

// Paragraphs, so that they are as far apart as in the server's messages.
function paragraphs(content) {
  if (!content.trim()) return []
  return content.trim().split(/\n{2,}/).map((text) => {
    const paragraph = document.createElement("p")
    paragraph.textContent = text
    if (LONE_EMOJI.test(content.trim())) paragraph.className = "emoji"
    return paragraph
  })
}

function part(bubble, name) {
  return bubble.querySelector(`[data-outbox-part=${name}]`)
}
