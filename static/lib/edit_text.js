/** The text of a textarea and its selection, as lib/formatting.js takes them. */
export function textIn({ value, selectionStart, selectionEnd }) {
  return { value, start: selectionStart, end: selectionEnd }
}

/** Makes an edit of lib/formatting.js in a textarea, so that Undo takes it back. */
export default function editText(input, { from, to, insert, start, end }) {
  input.focus()
  input.setSelectionRange(from, to)
  // Deprecated, but the only way that keeps the browser's own history of changes whole.
  const done = insert ? document.execCommand("insertText", false, insert) : document.execCommand("delete")
  if (!done) {
    input.setRangeText(insert)
    input.dispatchEvent(new InputEvent("input", { bubbles: true }))
  }
  input.setSelectionRange(start, end)
}
