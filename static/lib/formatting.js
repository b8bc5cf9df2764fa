/**
 * What the keys and buttons for formatting do to a text. Each function takes `{ value, start, end }`, the text and its
 * selection, and returns an edit: `{ from, to, insert, start, end }`, where `insert` replaces `from` to `to`, and the
 * selection is `start` to `end` afterwards. All are in UTF-16 units. Returns null where there is nothing to do.
 */

const ITEM = /^(\s*)(?:([-*+])|(\d{1,9})([.)]))( +\[[ xX]\])? +/
const QUOTE = /^\s*(?:> ?)+/
const FENCE = /^\s*(?:```|~~~)/
const SPAN = /(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)/g

/** Puts `mark` around the selection, or removes it from there. */
export function wrap({ value, start, end }, mark) {
  const chosen = value.slice(start, end)
  if (start !== end && chosen.trim() === "") return null
  const first = start + chosen.length - chosen.trimStart().length // Markdown knows no mark beside a space
  const last = first + chosen.trim().length
  const inner = value.slice(first, last)
  if (isMarked(value, first, last, mark)) return unwrapped(inner, first, last, mark)
  const within = holdsMark(inner, mark)
  const insert = within ? inner.slice(mark.length, -mark.length) : mark + inner + mark
  const shift = within ? 0 : mark.length
  return { from: first, to: last, insert, start: first + shift, end: first + insert.length - shift }
}

/** Code: a block around several lines, and otherwise a span. */
export function code(text) {
  const { value, start, end } = text
  if (!value.slice(start, end).includes("\n")) return wrap(text, "`")
  const [from, to] = lineBounds(text)
  const lines = value.slice(from, to)
  const fence = "`".repeat(Math.max(3, ...[...lines.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  const first = from + fence.length + 1
  return { from, to, insert: `${fence}\n${lines}\n${fence}`, start: first, end: first + lines.length }
}

export const bullets = (text) => eachLine(text, /^[-*+] /, () => "- ")
export const numbers = (text) => eachLine(text, /^\d+[.)] /, (n) => `${n + 1}. `)
export const quote = (text) => eachLine(text, /^> ?/, () => "> ")

/** A new line, which goes on with the list or quote of the line before. An empty item ends it. */
export function newLine({ value, start, end }) {
  const from = value.lastIndexOf("\n", start - 1) + 1
  const line = value.slice(from, start)
  const begun = ITEM.exec(line) ?? QUOTE.exec(line)
  if (!begun || start !== end || isInFence(value.slice(0, from))) return null
  if (begun[0] === line && isRestEmpty(value, start)) return { from, to: start, insert: "", start: from, end: from }
  const insert = `\n${next(begun)}`
  return { from: start, to: start, insert, start: start + insert.length, end: start + insert.length }
}

function next([whole, space, bullet, number, dot, box]) {
  if (bullet === undefined && number === undefined) return whole
  return `${space}${bullet ?? `${Number(number) + 1}${dot}`}${box ? " [ ]" : ""} `
}

function isRestEmpty(value, at) {
  return /^\s*(?:\n|$)/.test(value.slice(at))
}

/** Whether what follows `before` is code: in a block, or in a span of its line. */
export function isInCode(before) {
  const line = before.slice(before.lastIndexOf("\n") + 1)
  return isInFence(before) || line.replace(SPAN, "").includes("`")
}

function isInFence(before) {
  return before.split("\n").filter((line) => FENCE.test(line)).length % 2 === 1
}

function isMarked(value, first, last, mark) {
  const before = value.slice(0, first)
  if (!before.endsWith(mark) || !value.slice(last).startsWith(mark)) return false
  return mark !== "*" || isOdd(before.match(/\**$/)[0])
}

function holdsMark(text, mark) {
  if (text.length < 2 * mark.length || !text.startsWith(mark) || !text.endsWith(mark)) return false
  return mark !== "*" || isOdd(text.match(/^\**/)[0])
}

// Of `**` and `***` only the second also contains a `*`.
function isOdd({ length }) {
  return length % 2 === 1
}

function unwrapped(inner, first, last, { length }) {
  return { from: first - length, to: last + length, insert: inner, start: first - length, end: last - length }
}

// Removes the prefix where every line has one.
function eachLine(text, shape, prefix) {
  const [from, to] = lineBounds(text)
  const lines = text.value.slice(from, to).split("\n")
  const has = lines.every((line) => shape.test(line))
  const insert = lines.map((line, n) => (has ? line.replace(shape, "") : prefix(n) + line)).join("\n")
  return { from, to, insert, start: lines.length > 1 ? from : from + insert.length, end: from + insert.length }
}

function lineBounds({ value, start, end }) {
  const to = value.indexOf("\n", end)
  return [value.lastIndexOf("\n", start - 1) + 1, to < 0 ? value.length : to]
}
