import { Controller } from "@hotwired/stimulus"
import { MAIN } from "lib/keys"
import { currentUserId } from "lib/session"
import { onChange, read, write } from "lib/storage"

const ALL = "all"
const LEARNED = {
  "composer:send": () => "send",
  "composer:edit-last": () => "edit",
  "completions:taken": ({ source }) => source,
  "switcher:opened": () => "switcher",
  "keys:shown": () => "keys",
}

// The line below the composer: the first hint that the reader does not know yet. Using its key makes a hint known. This
// browser remembers the known ones for each reader.
export default class extends Controller {
  static targets = ["line", "hint", "main"]

  connect() {
    this.key = `hints:${currentUserId()}`
    const { signal } = (this.listeners = new AbortController())
    for (const [name, learned] of Object.entries(LEARNED)) {
      document.addEventListener(name, ({ detail }) => this.learn(learned(detail)), { signal })
    }
    this.forget = onChange(this.key, () => this.show())
    this.show()
  }

  disconnect() {
    this.listeners.abort()
    this.forget()
  }

  mainTargetConnected(key) {
    key.textContent = MAIN
  }

  learn(name) {
    if (!this.known.includes(name)) write(this.key, [...this.known, name])
    this.show()
  }

  hideAll() {
    this.learn(ALL)
    this.element.elements.content.focus()
  }

  show() {
    const { known } = this
    const next = known.includes(ALL) ? null : this.hintTargets.find(({ dataset: { hint } }) => !known.includes(hint))
    for (const hint of this.hintTargets) hint.hidden = hint !== next
    this.lineTarget.hidden = !next
  }

  get known() {
    return read(this.key) ?? []
  }
}
