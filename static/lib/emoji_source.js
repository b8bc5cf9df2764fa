import { parse } from "lib/ours"

const TIMEOUT = 20_000 // ms

/**
 * Resolves to an element with the list of all emoji, from `url`. Turbo keeps it out of the copies that it makes of pages.
 * Rejects as fetch does, and for an answer that is no such list. The browser keeps the answer.
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
