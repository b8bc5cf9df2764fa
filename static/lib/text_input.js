/** Whether the keyboard is on the screen, where Enter is the only way to a new line. */
export function onTouchKeyboard() {
  return matchMedia("(pointer: coarse)").matches
}

/**
 * Whether this key press means "send": Enter, but not within an input method, not with Shift, not on a touch keyboard, and not
 * where it chooses from an open list.
 */
export function sends(event) {
  const composing = event.isComposing || event.keyCode === 229 // Safari ends the composition before the key press
  if (event.target.hasAttribute("aria-activedescendant")) return false
  return event.key === "Enter" && !event.shiftKey && !composing && !onTouchKeyboard()
}

/** Makes a textarea as high as its text, where CSS cannot. */
export function grow(input) {
  if (CSS.supports("field-sizing", "content")) return
  input.style.height = "auto"
  input.style.height = `${input.scrollHeight}px`
}
