import { Controller } from "@hotwired/stimulus"
import Drafts from "lib/drafts"
import MessageEditor from "lib/message_editor"
import { LoggedOut, send } from "lib/request"
import { currentUserId, logIn } from "lib/session"
import { grow, onTouchKeyboard, sends } from "lib/text_input"

const TYPING_EVERY = 2_000 // ms

// Where one writes: a new message, which the outbox takes over (`composer:send`), or a change of an old one.
export default class extends Controller {
  static targets = ["input", "editing", "error", "submit"]

  connect() {
    this.drafts = new Drafts(currentUserId(), new URL(this.element.action).pathname)
    this.listeners = new AbortController()
    const { signal } = this.listeners
    this.element.addEventListener("submit", (event) => this.submit(event), { signal })
    this.element.addEventListener("outbox:edit", (event) => this.takeBack(event.detail.content), { signal })
    this.inputTarget.addEventListener("input", () => this.typed(), { signal })
    this.inputTarget.addEventListener("keydown", (event) => this.pressed(event), { signal })
    document.addEventListener("click", (event) => this.clicked(event), { signal })
    this.change = this.drafts.change
    if (onTouchKeyboard()) this.inputTarget.enterKeyHint = "enter"
    this.show()
  }

  disconnect() {
    this.listeners.abort()
  }

  submit(event) {
    event.preventDefault()
    const content = this.inputTarget.value
    if (content.trim() === "" || this.saving) return
    if (this.change) return this.save()
    this.drafts.message = ""
    this.show()
    this.dispatch("send", { detail: { content } })
  }

  typed() {
    const content = this.inputTarget.value
    if (this.change) this.drafts.change = this.change = { ...this.change, content }
    else this.drafts.message = content
    grow(this.inputTarget)
    if (content && !this.change) this.tellTyping()
  }

  pressed(event) {
    if (sends(event)) this.submit(event)
    else if (event.key === "Escape" && this.change) this.cancel()
    else if (event.key === "ArrowUp" && !this.change && this.inputTarget.value === "") this.editLast(event)
  }

  clicked(event) {
    const link = event.target.closest?.("a[data-edit-message]")
    if (!link || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    this.edit(link.href)
  }

  editLast(event) {
    const own = document.querySelectorAll(`.messages [data-author-id="${currentUserId()}"] a[data-edit-message]`)
    if (own.length === 0) return
    event.preventDefault()
    this.edit([...own].at(-1).href)
  }

  async edit(url) {
    await this.attempt("This message cannot be changed now.", async () => {
      this.drafts.change = this.change = await MessageEditor.open(url)
      this.show()
      this.inputTarget.focus()
    })
  }

  async save() {
    this.saving = this.inputTarget.readOnly = true
    await this.attempt("Not saved: the server is out of reach. Try again.", async () => {
      const refusal = await MessageEditor.save(this.change)
      if (refusal) this.errorTarget.textContent = refusal
      else this.cancel()
    })
    this.saving = this.inputTarget.readOnly = false
  }

  cancel() {
    this.drafts.change = this.change = null
    this.show()
    this.inputTarget.focus()
  }

  // A refused message comes back to be changed; what has been begun since stays below it.
  takeBack(content) {
    this.drafts.message = [content, this.drafts.message].filter(Boolean).join("\n")
    this.cancel()
  }

  show() {
    this.inputTarget.value = this.change?.content ?? this.drafts.message
    this.editingTarget.hidden = !this.change
    this.errorTarget.textContent = ""
    grow(this.inputTarget)
  }

  async attempt(failure, action) {
    this.errorTarget.textContent = ""
    try {
      await action()
    } catch (error) {
      if (error instanceof LoggedOut) logIn()
      this.errorTarget.textContent = failure
    }
  }

  tellTyping() {
    if (Date.now() - (this.toldAt ?? 0) < TYPING_EVERY) return
    this.toldAt = Date.now()
    send(new URL("typing", this.element.action)).catch(() => {}) // nobody misses it
  }
}
