import { Controller } from "@hotwired/stimulus"
import { neighbour } from "lib/emoji_grid"
import { bestFirst } from "lib/emoji_search"

const MOST = 60 // found emoji to show

// Finds emoji by their words, and moves among them with the arrow keys. The Tab key passes the list in one step.
export default class extends Controller {
  static targets = ["search", "list", "found", "status"]

  connect() {
    this.changes = new MutationObserver(() => this.tidy())
    this.changes.observe(this.listTarget, { childList: true, subtree: true })
    this.tidy()
  }

  disconnect() {
    this.changes.disconnect()
  }

  startOver() {
    this.searchTarget.value = ""
    this.search()
  }

  search() {
    const query = this.searchTarget.value.trim()
    const found = query ? this.matching(query).slice(0, MOST) : []
    this.foundTarget.replaceChildren(...(found.length ? [gridOf(found)] : []))
    this.listTarget.toggleAttribute("data-searching", query !== "")
    this.statusTarget.textContent = query ? `${found.length || "No"} emoji found` : ""
    this.listTarget.scrollTop = 0
  }

  // The usual ones first, for people who look for a heart.
  matching(query) {
    const usual = bestFirst(this.buttonsIn(".emoji-list__grid--usual"), query)
    const known = new Set(usual.map((button) => button.value))
    return [...usual, ...bestFirst(this.buttonsIn(".emoji-list__all"), query).filter((button) => !known.has(button.value))]
  }

  move(event) {
    const { key, target } = event
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    if (target === this.searchElement) return this.moveFromSearch(event)
    if (!target.matches?.("button[name=emoji]")) return
    const next = neighbour(this.grids, target, key)
    if (next) {
      event.preventDefault()
      this.focus(next)
    } else if (key.startsWith("Arrow")) {
      event.preventDefault()
      if (key === "ArrowUp") this.searchElement?.focus()
    } else if ((key.length === 1 && key !== " ") || key === "Backspace") {
      this.searchElement?.focus() // where the character goes then
    }
  }

  moveFromSearch(event) {
    if (event.key === "Escape" && this.searchTarget.value) {
      event.preventDefault()
      this.startOver()
    } else if (event.key === "ArrowDown") {
      event.preventDefault()
      this.focus(this.shown[0])
    } else if (event.key === "Enter") {
      event.preventDefault()
      if (this.searchTarget.value.trim()) this.shown[0]?.click()
    }
  }

  focus(button) {
    if (!button) return
    for (const other of this.listTarget.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1
    button.tabIndex = 0
    button.focus()
  }

  // The Tab key reaches one of all shown buttons.
  tidy() {
    for (const button of this.listTarget.querySelectorAll("button:not([tabindex])")) button.tabIndex = -1
    const shown = this.shown
    if (shown.length && !shown.some((button) => button.tabIndex === 0)) shown[0].tabIndex = 0
  }

  get searchElement() {
    return this.hasSearchTarget ? this.searchTarget : null
  }

  buttonsIn(part) {
    return [...this.listTarget.querySelectorAll(`${part} button`)]
  }

  get grids() {
    const grids = [...this.listTarget.querySelectorAll(".emoji-list__grid")]
    return grids.filter((grid) => grid.getClientRects().length > 0)
  }

  get shown() {
    return this.grids.flatMap((grid) => [...grid.children])
  }
}

function gridOf(buttons) {
  const grid = document.createElement("div")
  grid.className = "emoji-list__grid"
  grid.append(...buttons.map((button) => button.cloneNode(true)))
  return grid
}
