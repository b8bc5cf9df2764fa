import Combobox from "@github/combobox-nav"
import { Controller } from "@hotwired/stimulus"
import { parse } from "lib/ours"

const PAUSE = 120 // ms after a key press in which another one mostly comes

// Offers people while one types a name. Arrows choose, Enter takes, Escape closes. Whoever is chosen goes into the form that
// adds people. An address is looked up by the search form alone, once it is whole.
export default class extends Controller {
  static targets = ["input", "list", "form", "id", "status"]
  static values = { url: String }

  connect() {
    const { signal } = (this.listeners = new AbortController())
    const input = this.inputTarget
    input.addEventListener("input", (event) => (event.isComposing ? this.close() : this.look()), { signal })
    input.addEventListener("compositionend", () => this.look(), { signal })
    input.addEventListener("blur", () => this.close(), { signal })
    this.element.addEventListener("keydown", (event) => this.escape(event), { signal, capture: true })
    this.listTarget.addEventListener("mousedown", (event) => event.preventDefault(), { signal }) // the field keeps the focus
    this.listTarget.addEventListener("combobox-commit", ({ target }) => this.choose(target), { signal })
    this.close() // a snapshot may have an open one
  }

  disconnect() {
    this.listeners.abort()
    this.close()
  }

  look() {
    clearTimeout(this.timer)
    const typed = this.inputTarget.value.trim()
    if (!typed || typed.includes("@")) return this.close()
    this.timer = setTimeout(() => this.ask(typed), PAUSE)
  }

  async ask(typed) {
    this.request?.abort()
    this.request = new AbortController()
    const { signal } = this.request
    const address = new URL(this.urlValue, location.href)
    address.searchParams.set("q", typed)
    const page = await get(address, signal).catch(() => null)
    if (signal.aborted || typed !== this.inputTarget.value.trim()) return
    const options = page ? [...page.querySelectorAll("[role=option]")] : []
    options.length ? this.open(options) : this.close()
    this.statusTarget.textContent = page ? found(options.length) : ""
  }

  open(options) {
    this.listTarget.replaceChildren(...options.map((option) => document.importNode(option, true)))
    this.listTarget.hidden = false
    if (this.combobox) return this.combobox.resetSelection()
    this.combobox = new Combobox(this.inputTarget, this.listTarget, { tabInsertsSuggestions: false, firstOptionSelectionMode: "selected" })
    this.combobox.start()
  }

  close() {
    clearTimeout(this.timer)
    this.request?.abort()
    this.combobox?.destroy()
    this.combobox = null
    this.listTarget.hidden = true
    this.statusTarget.textContent = ""
  }

  choose({ dataset: { userId } }) {
    this.close()
    this.inputTarget.value = ""
    this.idTarget.value = userId
    this.formTarget.requestSubmit()
  }

  escape(event) {
    if (event.key !== "Escape" || !this.combobox || event.isComposing) return
    event.stopPropagation()
    event.preventDefault()
    this.close()
  }
}

function found(count) {
  if (count === 0) return "Nobody found"
  return count === 1 ? "1 person found" : `${count} people found`
}

// Whatever else may answer in the server's place has no options.
async function get(address, signal) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, signal })
  return answer.ok ? parse(await answer.text()) : null
}
