import { actionsOf } from "lib/actions"
import { currentUserId } from "lib/session"

/** The link to change a message that was clicked; null when something else was, or when it is to open in another tab. */
export function clickedEditLink(event) {
  return event.metaKey || event.ctrlKey ? null : (event.target.closest?.("a[data-edit-message]") ?? null)
}

/** The link to change the reader's own last message on the page, if there is one. */
export function lastOwnEditLink() {
  const own = document.querySelectorAll(`.messages [data-message-id][data-author-id="${CSS.escape(currentUserId())}"]`)
  return actionsOf([...own].at(-1))?.querySelector("a[data-edit-message]")
}
