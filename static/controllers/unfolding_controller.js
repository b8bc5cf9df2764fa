import { Controller } from "@hotwired/stimulus"

const PAUSE = 1_000 // ms between two looks while it grows

// Shows a long text beside an answer when a reader opens it, even while it grows: what a model thinks, or what a tool
// has found. The server's page has a link in its place, which comes back when the text is closed. So only its readers
// load it.
export default class extends Controller {
  static targets = ["text"]

  connect() {
    this.element.addEventListener("toggle", this.toggled)
    this.element.addEventListener("turbo:before-morph-attribute", this.keepOpen)
    this.element.addEventListener("turbo:before-morph-element", this.keepText)
    document.addEventListener("turbo:before-cache", this.fold)
    if (this.element.open) this.toggled()
  }

  disconnect() {
    this.element.removeEventListener("toggle", this.toggled)
    this.element.removeEventListener("turbo:before-morph-attribute", this.keepOpen)
    this.element.removeEventListener("turbo:before-morph-element", this.keepText)
    document.removeEventListener("turbo:before-cache", this.fold)
    this.close()
  }

  toggled = () => (this.element.open ? this.show() : this.close())

  // Turbo's copy of the page must not have a text that could be out of date.
  fold = () => {
    this.element.open = false
    this.close()
  }

  show() {
    if (this.link) return
    this.link = this.textTarget.querySelector("a")
    this.textTarget.replaceChildren()
    this.load()
  }

  close() {
    clearTimeout(this.timer)
    if (this.link) this.textTarget.replaceChildren(this.link)
    this.link = null
  }

  // Loads what is new while the text grows, and all of it in the end: another job may have followed one that died.
  async load() {
    const { link, grows } = this
    const shown = this.textTarget.textContent
    const begun = grows ? shown : ""
    const more = await textFrom(link.href, [...begun].length).catch(() => null) // the server counts code points
    if (link !== this.link) return
    if (more === null && !shown && !grows) return this.textTarget.replaceChildren(link.cloneNode(true))
    if (more !== null) this.write(begun + more)
    if (grows) this.timer = setTimeout(() => this.load(), PAUSE)
  }

  // A reader who is at the end stays at the end.
  write(words) {
    const text = this.textTarget
    const atEnd = text.scrollTop + text.clientHeight > text.scrollHeight - 8
    if (words.startsWith(text.textContent)) {
      text.append(words.slice(text.textContent.length)) // a selection in the earlier text survives
      text.normalize()
    } else text.textContent = words
    if (atEnd && this.grows) text.scrollTop = text.scrollHeight
  }

  get grows() {
    return this.element.closest("article")?.dataset.state === "generating" && !("unfoldingEnded" in this.element.dataset)
  }

  keepOpen = (event) => {
    if (event.target === this.element && event.detail.attributeName === "open") event.preventDefault()
  }

  // The link of another version leads elsewhere.
  keepText = (event) => {
    const { newElement } = event.detail
    if (!this.link || !newElement || event.target !== this.textTarget) return
    event.preventDefault()
    const next = newElement.querySelector("a")
    if (next.href === this.link.href) return
    this.link = document.importNode(next, true)
    this.textTarget.replaceChildren()
    clearTimeout(this.timer)
    this.load()
  }
}

async function textFrom(address, from) {
  const response = await fetch(`${address}?from=${from}`, { headers: { Accept: "text/plain" }, cache: "no-store" })
  if (!response.ok || response.redirected) throw new Error(`${response.status}`)
  return response.text()
}
