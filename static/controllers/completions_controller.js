import { Controller } from "@hotwired/stimulus"
import { completed, openText } from "lib/completion"
import editText, { textIn } from "lib/edit_text"
import EmojiFinder from "lib/emoji_finder"
import { isInCode } from "lib/formatting"
import { rememberEmoji } from "lib/recent_emoji"
import Suggestions, { optionsAt } from "lib/suggestions"

const LABELS = { people: "People to mention", emoji: "Emoji" }

// Offers people to mention once an @ is typed, and emoji after a colon and two letters. Enter and Tab insert.
export default class extends Controller {
  static targets = ["input", "list"]
  static values = { people: String, emoji: String, usual: String } // addresses, and the emoji that most people use

  connect() {
    this.emoji = new EmojiFinder(this.emojiValue, this.usualValue.split(" "))
    this.suggestions = new Suggestions(this.inputTarget, this.listTarget, {
      query: () => this.query,
      find: (query, signal) => this.find(query, signal),
      choose: (option, query) => this.choose(option.dataset, query),
    })
  }

  disconnect() {
    this.suggestions.end()
  }

  find({ source, typed }, signal) {
    this.listTarget.setAttribute("aria-label", LABELS[source])
    if (source === "emoji") return this.emoji.find(typed)
    return optionsAt(`${this.peopleValue}?${new URLSearchParams({ q: typed })}`, signal)
  }

  choose({ mentionText, emoji }, { source, place }) {
    editText(this.inputTarget, completed(textIn(this.inputTarget), place, emoji ?? `@${mentionText}`))
    if (emoji && !this.emoji.isUsual(emoji)) rememberEmoji(emoji)
    this.dispatch("taken", { detail: { source } })
  }

  get query() {
    const { value, start, end } = textIn(this.inputTarget)
    const before = value.slice(0, end)
    const open = start === end ? openText(before) : null
    return open && !isInCode(before) ? open : null
  }
}
