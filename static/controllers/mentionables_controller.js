import Combobox from "@github/combobox-nav"
import { Controller } from "@hotwired/stimulus"
import { insertMention, openMention } from "lib/mention_text"
import { parse } from "lib/ours"

const PAUSE = 80 // ms after a key press in which another one mostly comes

// Offers the people whom one can mention, once an @ is typed. Arrows choose, Enter and Tab insert, Escape closes.
// Nothing happens within an input method.
export default class extends Controller {
  static targets = ["input", "list"]
  static values = { url: String }

  connect() {
    const { signal } = (this.listeners = new AbortController())
    const input = this.inputTarget
    input.addEventListener("input", (event) => (event.isComposing ? this.close() : this.look()), { signal })
    input.addEventListener("compositionend", () => this.look(), { signal })
    input.addEventListener("click", () => this.look(), { signal })
    input.addEventListener("blur", () => this.close(), { signal })
    // Before the text box hears it, for which Escape may mean something else.
    this.element.addEventListener("keydown", (event) => this.escape(event), { signal, capture: true })
    this.listTarget.addEventListener("mousedown", (event) => event.preventDefault(), { signal }) // the text keeps the focus
    this.listTarget.addEventListener("combobox-commit", ({ target }) => this.choose(target), { signal })
    this.close() // a snapshot may have an open one
  }

  disconnect() {
    this.listeners.abort()
    this.close()
  }

  look() {
    clearTimeout(this.timer)
    const mention = this.mention
    if (mention?.start !== this.left) this.left = null
    if (!mention || this.left !== null || this.leadsNowhere(mention)) return this.close()
    this.timer = setTimeout(() => this.ask(mention), PAUSE)
  }

  async ask(mention) {
    this.request?.abort()
    this.request = new AbortController()
    const { signal } = this.request
    const address = `${this.urlValue}?${new URLSearchParams({ q: mention.typed })}`
    const page = await get(address, signal).catch(() => null)
    const now = this.mention
    if (signal.aborted || now?.start !== mention.start || now.typed !== mention.typed) return
    const options = page ? [...page.querySelectorAll("[role=option]")] : []
    if (page && options.length === 0) this.nowhere = mention
    options.length > 0 ? this.open(options) : this.close()
  }

  open(options) {
    this.listTarget.replaceChildren(...options.map((option) => document.importNode(option, true)))
    this.listTarget.hidden = false
    if (this.combobox) return this.combobox.resetSelection()
    this.combobox = new Combobox(this.inputTarget, this.listTarget, { firstOptionSelectionMode: "selected" })
    this.combobox.start()
    // A box of several lines may not be a combobox (ARIA in HTML). As a text box with an active option it says the same.
    for (const name of ["role", "aria-expanded"]) this.inputTarget.removeAttribute(name)
  }

  close() {
    clearTimeout(this.timer)
    this.request?.abort()
    this.combobox?.destroy()
    this.combobox = null
    this.listTarget.hidden = true
  }

  choose(option) {
    const { mention } = this
    if (!mention) return this.close()
    this.left = mention.start
    insertMention(this.inputTarget, mention.start, option.dataset.mentionText)
  }

  escape(event) {
    if (event.key !== "Escape" || !this.combobox || event.isComposing) return
    event.stopPropagation()
    event.preventDefault()
    this.left = this.mention?.start ?? null
    this.close()
  }

  // Nobody's name begins so, and so none goes on so.
  leadsNowhere({ start, typed }) {
    return this.nowhere?.start === start && typed.startsWith(this.nowhere.typed)
  }

  get mention() {
    const { value, selectionStart, selectionEnd } = this.inputTarget
    return selectionStart === selectionEnd ? openMention(value.slice(0, selectionEnd)) : null
  }
}

// Whatever else may answer in the server's place has no options.
async function get(address, signal) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, signal })
  return answer.ok ? parse(await answer.text()) : null
}
