const CHARACTERS = 2_000
const LINES = 40

/** Whether a text may be better as a file than in a message. */
export function isLong(text) {
  return text.length > CHARACTERS || text.split("\n").length > LINES
}

/** The text that a `paste` event brings, as a textarea has it. */
export function pastedText({ clipboardData }) {
  return clipboardData.getData("text/plain").replace(/\r\n?/g, "\n")
}

/** Where `text` is within `value`, which may have changed since it was put at `start`; -1 where it is gone. */
export function placeOf(text, value, start) {
  return value.startsWith(text, start) ? start : value.indexOf(text)
}
