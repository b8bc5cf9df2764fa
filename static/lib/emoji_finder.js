import { bestFirst } from "lib/emoji_search"
import { emojiList } from "lib/emoji_source"
import { recentEmoji } from "lib/recent_emoji"

const MOST = 8 // options

/**
 * Finds emoji by the beginning of a word, in the list at `url`, which it loads once. `usual` are the most used ones.
 */
export default class EmojiFinder {
  constructor(url, usual) {
    this.url = url
    this.usual = usual
  }

  isUsual(emoji) {
    return this.usual.includes(emoji)
  }

  /**
   * Resolves to options for "smi" or "red_heart": first the reader's recent ones, then the usual ones, then the rest.
   */
  async find(typed) {
    this.buttons ??= [...(await emojiList(this.url)).querySelectorAll("button")]
    const found = bestFirst(this.buttons, typed.replaceAll("_", " "))
    const known = [...recentEmoji(), ...this.usual].map((emoji) => found.find(({ value }) => value === emoji)).filter(Boolean)
    return [...new Set([...known, ...found])].slice(0, MOST).map(optionFor)
  }
}

function optionFor({ value, title }, index) {
  const option = element("li", { id: `emoji_option_${index}`, role: "option" })
  option.dataset.emoji = value
  const sign = element("span", { className: "completions__sign", textContent: value, ariaHidden: "true" })
  option.append(sign, element("span", { className: "completions__name", textContent: title }))
  return option
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties)
}
