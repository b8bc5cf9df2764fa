import { currentUserId } from "lib/session"

/** The link to change a message that was clicked; null when something else was, or when it is to open in another tab. */
export function clickedEditLink(event) {
  return event.metaKey || event.ctrlKey ? null : (event.target.closest?.("a[data-edit-message]") ?? null)
}

/** The link to change the reader's own last message on the page, if there is one. */
export function lastOwnEditLink() {
  const own = `.messages [data-author-id="${CSS.escape(currentUserId())}"] a[data-edit-message]`
  return [...document.querySelectorAll(own)].at(-1)
}
