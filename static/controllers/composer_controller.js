import { Controller } from "@hotwired/stimulus"
import Drafts, { placeOf } from "lib/drafts"
import { clickedEditLink, lastOwnEditLink } from "lib/edit_links"
import MessageEditor from "lib/message_editor"
import { currentUserId } from "lib/session"
import { onSameSide } from "lib/sides"
import { grow, onTouchKeyboard, sends } from "lib/text_input"
import { excess, remaining } from "lib/text_length"
import TypingNotice from "lib/typing_notice"
import { uploadsOfThisReader } from "lib/uploads"

// The field for writing: a new message, which the outbox takes over (`composer:send`), or a change of an old one.
export default class extends Controller {
  static targets = ["input", "editing", "error", "count", "send"]
  static values = { limit: Number, focus: { type: Boolean, default: true } } // limit: characters; focus: whether to take it

  connect() {
    this.drafts = new Drafts(currentUserId(), placeOf(this.element))
    this.typing = new TypingNotice(new URL("typing", this.element.action))
    const { signal } = (this.listeners = new AbortController())
    this.element.addEventListener("submit", (event) => this.submit(event), { signal })
    this.element.addEventListener("outbox:edit", (event) => this.takeBack(event.detail.content), { signal })
    this.element.addEventListener("quoting:begin", () => this.change && this.cancel(), { signal })
    this.inputTarget.addEventListener("input", () => this.typed(), { signal })
    this.inputTarget.addEventListener("keydown", (event) => this.pressed(event), { signal })
    document.addEventListener("click", (event) => this.clicked(event), { signal })
    document.addEventListener("stream:gone", () => this.close(true), { signal })
    document.addEventListener("stream:live", () => this.close(false), { signal })
    this.change = this.drafts.change
    if (onTouchKeyboard()) this.inputTarget.enterKeyHint = "enter"
    this.close(false) // a snapshot may be older
    this.show()
    if (this.focusValue && !onTouchKeyboard()) this.inputTarget.focus({ preventScroll: true })
  }

  disconnect() {
    this.listeners.abort()
  }

  // Pressing the button would take the focus from the text, and close the keyboard of a phone.
  keepFocus(event) {
    if (document.activeElement === this.inputTarget) event.preventDefault()
  }

  submit(event) {
    event.preventDefault()
    const content = this.inputTarget.value
    const files = this.change ? [] : uploadsOfThisReader().draftedFor(this.drafts.chat)
    if ((content.trim() === "" && !files.length) || this.inputTarget.readOnly) return
    if (excess(content, this.limitValue) > 0) return this.refuse("Too long to send. Shorten it, or send it in parts.")
    if (this.change) return (this.saved = this.save())
    if (files.some(({ error }) => error)) return this.refuse("Remove the file that cannot be sent.")
    const { quoted } = this.drafts
    this.drafts.message = ""
    this.show()
    this.dispatch("send", { detail: { content, quoted, files: files.map(({ id }) => id), names: files.map(({ name }) => name) } })
  }

  typed() {
    const content = this.inputTarget.value
    if (this.change) this.drafts.change = this.change = { ...this.change, content }
    else this.drafts.message = content
    this.errorTarget.textContent = ""
    this.measure()
    if (content && !this.change) this.typing.send()
  }

  pressed(event) {
    if (sends(event)) this.submit(event)
    else if (event.key === "Escape" && this.change) this.cancel()
    else if (event.key === "ArrowUp" && !this.change && this.inputTarget.value === "") this.editLast(event)
  }

  clicked(event) {
    const link = clickedEditLink(event)
    if (link && onSameSide(link, this.element)) this.edit(event, link)
  }

  editLast(event) {
    const link = lastOwnEditLink(this.element)
    if (link) this.dispatch("edit-last")
    this.edit(event, link)
  }

  async edit(event, link) {
    if (!link) return
    event.preventDefault()
    if ((await this.saved) === false) return // what could not be saved stays in the field
    await this.attempt("This message cannot be changed now.", async () => this.begin(await MessageEditor.open(link.href)))
  }

  async save() {
    let saved = false
    this.inputTarget.readOnly = true
    await this.attempt("Not saved: the server is out of reach. Try again.", async () => {
      const refusal = (this.errorTarget.textContent = await MessageEditor.save(this.change))
      saved = !refusal
      if (saved) this.cancel()
    })
    this.inputTarget.readOnly = this.closed
    this.saved = null
    return saved
  }

  cancel = () => this.begin(null)

  begin(change) {
    this.drafts.change = this.change = change
    this.show()
    this.inputTarget.focus()
  }

  // A refused message comes back to be changed. The draft begun since stays below it.
  takeBack(content) {
    this.drafts.message = [content, this.drafts.message].filter(Boolean).join("\n")
    this.cancel()
  }

  show() {
    this.inputTarget.value = this.change?.content ?? this.drafts.message
    this.editingTarget.hidden = !this.change
    this.editingTarget.dataset.changes = this.change?.url ?? "" // for lib/letting_go.js
    this.errorTarget.textContent = ""
    this.measure()
  }

  measure() {
    grow(this.inputTarget)
    this.countTarget.textContent = remaining(this.inputTarget.value, this.limitValue)
    this.countTarget.classList.toggle("composer__count--over", excess(this.inputTarget.value, this.limitValue) > 0)
  }

  refuse(words) {
    this.errorTarget.textContent = words
  }

  // A former member cannot write, but keeps the draft.
  close(closed) {
    this.inputTarget.readOnly = this.sendTarget.disabled = this.closed = closed
  }

  async attempt(failure, action) {
    this.errorTarget.textContent = ""
    try {
      await action()
    } catch {
      this.errorTarget.textContent = failure
    }
  }
}
