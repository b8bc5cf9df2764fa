const APPLE = /Mac|iPhone|iPad/.test(navigator.platform)

/** Whether the key for commands is held: ⌘ on Apple's machines, and Ctrl elsewhere. */
export function isMain(event) {
  return APPLE ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey
}

/** The name of that key. */
export const MAIN = APPLE ? "⌘" : "Ctrl"

/** Whether a key press goes into a text. */
export function isTyping({ target }) {
  return target.closest?.("input, textarea, select, [contenteditable]") !== null
}
