import { parse } from "lib/ours"

const TIMEOUT = 20_000 // ms

/**
 * Resolves to an element with the list of all emoji, from `url`. Turbo leaves it out of its copies of pages. Rejects as
 * fetch does, and for any other answer. The browser keeps the answer.
 */
export async function emojiList(url) {
  const response = await fetch(url, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(TIMEOUT) })
  const groups = parse(await response.text()).querySelectorAll(".emoji-list__group")
  if (!response.ok || groups.length === 0) throw new Error("That is not the list of emoji.")
  const list = document.createElement("div")
  list.className = "emoji-list__all"
  list.toggleAttribute("data-turbo-temporary", true)
  list.append(...groups)
  return list
}
