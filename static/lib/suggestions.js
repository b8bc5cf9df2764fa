import Combobox from "@github/combobox-nav"
import { parse } from "lib/ours"

/**
 * Offers options for the text typed into `input`, in `list` beside it. Arrows choose, Enter takes, Escape closes.
 * Nothing happens within an input method.
 *
 * `query()` returns what is being typed, or null: `{ place, typed, source }`. Escape closes the list for one `place`,
 * and an open list is only narrowed within one `source`. `find(query, signal)` resolves to options, or rejects.
 * `choose(option, query)` takes one. `counted(number)` hears how many there are, and null when the list closes. `pause`
 * is the time in ms in which the next key press mostly follows. The other settings are those of Combobox.
 */
export default class Suggestions {
  constructor(input, list, { query, find, choose, counted = () => {}, pause = 80, ...settings }) {
    Object.assign(this, { input, list, query, find, chosen: choose, counted, pause })
    this.settings = { ...settings, firstOptionSelectionMode: "selected" }
    const { signal } = (this.listeners = new AbortController())
    input.addEventListener("input", (event) => (event.isComposing ? this.close() : this.look()), { signal })
    for (const name of ["compositionend", "click"]) input.addEventListener(name, () => this.look(), { signal })
    input.addEventListener("blur", () => this.close(), { signal })
    input.form.addEventListener("submit", () => this.close(), { signal })
    // Runs before the field's own listeners, for which Escape may mean something else.
    input.parentElement.addEventListener("keydown", (event) => this.escape(event), { signal, capture: true })
    list.addEventListener("mousedown", (event) => event.preventDefault(), { signal }) // the field keeps the focus
    list.addEventListener("combobox-commit", ({ target }) => this.choose(target), { signal })
    this.close() // a snapshot may have an open one
  }

  /** Leaves the field alone from now on. */
  end() {
    this.listeners.abort()
    this.close()
  }

  look() {
    clearTimeout(this.timer)
    const query = this.query()
    if (query?.place !== this.left) this.left = null
    if (query?.source !== this.source) this.close()
    if (!query || this.left !== null || this.leadsNowhere(query)) return this.close()
    this.timer = setTimeout(() => this.ask(query), this.pause)
  }

  async ask(query) {
    this.request?.abort()
    this.request = new AbortController()
    const { signal } = this.request
    const options = await this.find(query, signal).catch(() => null)
    const now = this.query()
    if (signal.aborted || now?.place !== query.place || now.typed !== query.typed) return
    if (options?.length === 0) this.nowhere = query
    options?.length ? this.open(options, query) : this.close()
    this.counted(options && options.length)
  }

  open(options, { source }) {
    this.source = source
    this.list.replaceChildren(...options)
    this.list.hidden = false
    this.list.scrollTop = 0
    if (this.combobox) return this.combobox.resetSelection()
    this.combobox = new Combobox(this.input, this.list, this.settings)
    this.combobox.start()
    if (this.input.localName !== "textarea") return
    // A box of several lines must not be a combobox (ARIA in HTML). A text box with an active option says the same.
    for (const name of ["role", "aria-expanded"]) this.input.removeAttribute(name)
  }

  close() {
    clearTimeout(this.timer)
    this.request?.abort()
    this.combobox?.destroy()
    this.combobox = null
    this.list.hidden = true
    this.counted(null)
  }

  choose(option) {
    const query = this.query()
    this.close()
    if (!query) return
    this.left = query.place
    this.chosen(option, query)
  }

  escape(event) {
    if (event.key !== "Escape" || !this.combobox || event.isComposing) return
    event.stopPropagation()
    event.preventDefault()
    this.left = this.query()?.place ?? null
    this.close()
  }

  // Where nothing begins with a text, nothing begins with a longer one.
  leadsNowhere({ place, typed, source }) {
    return this.nowhere?.place === place && this.nowhere.source === source && typed.startsWith(this.nowhere.typed)
  }
}

/** Resolves to the options that the server has at `address`. Rejects as fetch does, and for any status but success. */
export async function optionsAt(address, signal) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, signal })
  if (!answer.ok) throw new Error(`No options (${answer.status}).`)
  const options = parse(await answer.text()).querySelectorAll("[role=option]")
  return [...options].map((option) => document.importNode(option, true))
}
