// Not within a word, a time or an address. For an @, the server has the same rule (lib/markdown_mentions.py).
const MENTION = /(?:^|[^\p{L}\p{N}_@./\\+&=%#-])@((?:[^\s@][^@\n]{0,59})?)$/u
const EMOJI = /(?:^|[^\p{L}\p{N}_:@./\\+&=%#-]):(\p{L}{2}[\p{L}\p{N}_-]{0,38}|\+1)$/u

/**
 * The unfinished word at the end of `text` that can be completed: its `source`, "people" or "emoji", the `place` of its
 * @ or its colon, and what is `typed` after that. Null for none.
 */
export function openText(text) {
  const emoji = text.match(EMOJI)?.[1]
  const typed = emoji ?? text.match(MENTION)?.[1]
  if (typed === undefined) return null
  return { source: emoji === undefined ? "people" : "emoji", place: text.length - typed.length - 1, typed }
}

/**
 * The edit, as in lib/formatting.js, that puts `whole` and a space in place of the text between `place` and the caret.
 */
export function completed({ value, end }, place, whole) {
  const caret = place + whole.length + 1
  return { from: place, to: end, insert: value[end] === " " ? whole : `${whole} `, start: caret, end: caret }
}
