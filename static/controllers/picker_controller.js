import { Controller } from "@hotwired/stimulus"
import Suggestions, { optionsAt } from "lib/suggestions"

// Offers people while the reader types a name. The chosen person goes into the form that adds people. Only the search
// form looks up an address, once it is whole.
export default class extends Controller {
  static targets = ["input", "list", "form", "id", "status"]
  static values = { url: String }

  connect() {
    this.suggestions = new Suggestions(this.inputTarget, this.listTarget, {
      query: () => this.query,
      find: ({ typed }, signal) => this.find(typed, signal),
      choose: (option) => this.choose(option.dataset.userId),
      counted: (number) => (this.statusTarget.textContent = number === null ? "" : found(number)),
      pause: 120, // ms
      tabInsertsSuggestions: false,
    })
  }

  disconnect() {
    this.suggestions.end()
  }

  find(typed, signal) {
    const address = new URL(this.urlValue, location.href)
    address.searchParams.set("q", typed)
    return optionsAt(address, signal)
  }

  choose(userId) {
    this.inputTarget.value = ""
    this.idTarget.value = userId
    this.formTarget.requestSubmit()
  }

  // Each text counts as a place of its own, so typing on after Escape brings the list back.
  get query() {
    const typed = this.inputTarget.value.trim()
    return typed && !typed.includes("@") ? { place: typed, typed } : null
  }
}

function found(count) {
  if (count === 0) return "Nobody found"
  return count === 1 ? "1 person found" : `${count} people found`
}
