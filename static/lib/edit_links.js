import { actionsOf } from "lib/actions"
import { currentUserId } from "lib/session"
import { onSameSide } from "lib/sides"

/** The clicked link to change a message; null for any other click, and for one that opens another tab. */
export function clickedEditLink(event) {
  return event.metaKey || event.ctrlKey ? null : (event.target.closest?.("a[data-edit-message]") ?? null)
}

/** The link to change the reader's own last message on the side of `composer`, if there is one. */
export function lastOwnEditLink(composer) {
  const own = document.querySelectorAll(`.messages [data-message-id][data-author-id="${CSS.escape(currentUserId())}"]`)
  const last = [...own].filter((article) => onSameSide(article, composer)).at(-1)
  return actionsOf(last)?.querySelector("a[data-edit-message]")
}
