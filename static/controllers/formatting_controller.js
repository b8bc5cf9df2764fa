import { Controller } from "@hotwired/stimulus"
import editText, { textIn } from "lib/edit_text"
import { bullets, code, newLine, numbers, quote, wrap } from "lib/formatting"
import { isMain } from "lib/keys"
import { read, write } from "lib/storage"

const MARKS = {
  bold: (text) => wrap(text, "**"),
  italic: (text) => wrap(text, "*"),
  strike: (text) => wrap(text, "~~"),
  code,
  bullets,
  numbers,
  quote,
}
const KEYS = { b: "bold", i: "italic", e: "code" }
const SHIFTED = { KeyX: "strike", Digit7: "numbers", Digit8: "bullets", Digit9: "quote" } // by place, because keyboards differ

// Formats the text by keys and by a bar of buttons, and goes on with lists.
export default class extends Controller {
  static targets = ["input", "bar", "toggle"]

  connect() {
    const { signal } = (this.listeners = new AbortController())
    this.inputTarget.addEventListener("keydown", (event) => this.pressed(event), { signal })
    this.inputTarget.addEventListener("beforeinput", (event) => this.lineBegins(event), { signal })
    this.show(read("formatting") === true)
  }

  disconnect() {
    this.listeners.abort()
  }

  toggle() {
    this.show(this.barTarget.hidden)
    write("formatting", !this.barTarget.hidden)
  }

  show(shown) {
    this.barTarget.hidden = !shown
    this.toggleTarget.setAttribute("aria-expanded", shown)
  }

  // Pressing a button would take the focus from the text, and close the keyboard of a phone.
  keepFocus(event) {
    if (document.activeElement === this.inputTarget) event.preventDefault()
  }

  choose({ params: { mark } }) {
    this.format(mark)
  }

  // The arrows move along the bar, which is one stop of the Tab key.
  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const buttons = [...this.barTarget.querySelectorAll("button")]
    const at = buttons.indexOf(document.activeElement)
    const next = buttons.at((at + step) % buttons.length)
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1
    next.focus()
  }

  pressed(event) {
    if (!isMain(event) || event.altKey) return
    const mark = event.shiftKey ? SHIFTED[event.code] : KEYS[event.key.toLowerCase()]
    if (!mark) return
    event.preventDefault()
    this.format(mark)
  }

  lineBegins(event) {
    if (event.inputType !== "insertLineBreak" || event.isComposing) return
    const edit = newLine(textIn(this.inputTarget))
    if (!edit) return
    event.preventDefault()
    editText(this.inputTarget, edit)
  }

  format(mark) {
    if (this.inputTarget.readOnly) return
    const edit = MARKS[mark](textIn(this.inputTarget))
    if (edit) editText(this.inputTarget, edit)
  }
}
