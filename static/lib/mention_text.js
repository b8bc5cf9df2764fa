// An @ with something typed behind it, or nothing yet, at the end. Not within a word or an address, as on the server
// (lib/markdown_mentions.py).
const OPEN = /(?:^|[^\p{L}\p{N}_@./\\+&=%#-])@((?:[^\s@][^@\n]{0,59})?)$/u

/** The mention that is being typed at the end of `text`: where its @ is, and what stands behind it. Null for none. */
export function openMention(text) {
  const typed = text.match(OPEN)?.[1]
  return typed === undefined ? null : { start: text.length - typed.length - 1, typed }
}

/** Puts a mention of `name` in place of what is between `start` and the caret, and the caret behind it. */
export function insertMention(input, start, name) {
  const end = input.selectionEnd
  const space = input.value[end] === " " ? "" : " "
  input.setRangeText(`@${name}${space}`, start, end, "end")
  if (!space) input.setSelectionRange(input.selectionEnd + 1, input.selectionEnd + 1)
  input.dispatchEvent(new Event("input", { bubbles: true }))
}
