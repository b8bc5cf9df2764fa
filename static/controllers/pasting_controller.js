import { Controller } from "@hotwired/stimulus"
import editText, { textIn } from "lib/edit_text"
import { isLong, pastedText, placeOf } from "lib/long_paste"
import { excess } from "lib/text_length"

const NAME = "pasted.txt"
const OFFER = "Long text pasted."
const TAKEN = "Too long for a message, so it is a file."

// The bar that offers to send a long pasted text as a file. A text that would make the message too long becomes a file
// at once. The attachments take it, or give it back.
export default class extends Controller {
  static targets = ["input", "bar", "words", "attach"]
  static values = { limit: Number } // characters

  connect() {
    const { signal } = (this.listeners = new AbortController())
    this.inputTarget.addEventListener("paste", (event) => this.pasted(event), { signal })
    this.inputTarget.addEventListener("input", () => this.typed(), { signal })
    this.element.addEventListener("composer:send", () => this.close(), { signal })
    this.close()
  }

  disconnect() {
    this.listeners.abort()
  }

  pasted(event) {
    const text = pastedText(event)
    if (!isLong(text) || this.inputTarget.readOnly || this.isEditing) return
    const { value, start, end } = textIn(this.inputTarget)
    const tooLong = excess(value.slice(0, start) + text + value.slice(end), this.limitValue) > 0
    const refusal = tooLong ? this.refusalOf(text) : null
    if (!tooLong || refusal) return this.offer(text, start, refusal ?? OFFER)
    event.preventDefault()
    this.remove(start, end)
    this.close() // an earlier offer
    this.show(TAKEN)
  }

  // The offer holds while the text is there, as it was pasted.
  typed() {
    if (this.place < 0) this.close()
  }

  attach() {
    const { place, text } = this
    if (place < 0 || this.inputTarget.readOnly) return this.close()
    const refusal = this.refusalOf(text)
    if (refusal) return this.show(refusal)
    this.remove(place, place + text.length)
    this.close()
  }

  putBack({ detail: { text } }) {
    const { start } = textIn(this.inputTarget)
    editText(this.inputTarget, { from: start, to: start, insert: text, start: start + text.length, end: start + text.length })
    this.offer(text, start, OFFER)
  }

  keep() {
    this.close()
    this.inputTarget.focus()
  }

  offer(text, start, words) {
    Object.assign(this, { text, start })
    this.show(words)
  }

  show(words) {
    this.barTarget.hidden = false
    this.attachTarget.hidden = this.text === null
    this.wordsTarget.textContent = words
  }

  close() {
    this.text = null
    this.barTarget.hidden = true
    this.wordsTarget.textContent = ""
  }

  remove(from, to) {
    if (from !== to) editText(this.inputTarget, { from, to, insert: "", start: from, end: from })
  }

  // Null where the attachments have taken the text.
  refusalOf(text) {
    const detail = { file: new File([text], NAME, { type: "text/plain" }), refusal: null }
    this.dispatch("attach", { detail })
    return detail.refusal
  }

  get place() {
    return this.text === null ? -1 : placeOf(this.text, this.inputTarget.value, this.start)
  }

  get isEditing() {
    return this.element.querySelector(".composer__editing:not([hidden])") !== null
  }
}
