// Not within a word, a time or an address. For an @ it is as on the server (lib/markdown_mentions.py).
const MENTION = /(?:^|[^\p{L}\p{N}_@./\\+&=%#-])@((?:[^\s@][^@\n]{0,59})?)$/u
const EMOJI = /(?:^|[^\p{L}\p{N}_:@./\\+&=%#-]):(\p{L}{2}[\p{L}\p{N}_-]{0,38}|\+1)$/u

/**
 * What is being typed at the end of `text` and can be completed: its `source`, "people" or "emoji", the `place` of its @ or
 * its colon, and what is `typed` behind it. Null for none.
 */
export function openText(text) {
  const emoji = text.match(EMOJI)?.[1]
  const typed = emoji ?? text.match(MENTION)?.[1]
  if (typed === undefined) return null
  return { source: emoji === undefined ? "people" : "emoji", place: text.length - typed.length - 1, typed }
}

/** The edit, as in lib/formatting.js, that puts `whole` and a space in place of what is between `place` and the caret. */
export function completed({ value, end }, place, whole) {
  const caret = place + whole.length + 1
  return { from: place, to: end, insert: value[end] === " " ? whole : `${whole} `, start: caret, end: caret }
}
