import { isLoggedOut } from "lib/page_check"

/**
 * Leads to the log-in page, and back here afterwards, when nobody is logged in any more. Drafts and unsent messages
 * wait in the browser's storage. Checks first, because a network with a log-in of its own leads every request to its
 * own page. Resolves to whether it leads away.
 */
export async function logIn() {
  const expired = await isLoggedOut()
  if (expired) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`)
  return expired
}

/** Goes to the log-in page when a click or a frame that Turbo loads finds that the session is over. */
export function leaveWhenLoggedOut() {
  document.addEventListener("turbo:before-fetch-response", (event) => {
    if (event.detail.fetchResponse.statusCode !== 401) return
    event.preventDefault()
    logIn()
  })
  // Turbo would write "Content missing" over what a frame shows. Keeping that and trying again later is better.
  document.addEventListener("turbo:frame-missing", (event) => {
    event.preventDefault()
    if (event.detail.response.redirected) logIn()
  })
}

/** The id of the page's reader, as text; null on pages for everybody. */
export function currentUserId(page = document) {
  return page.querySelector("meta[name=current-user-id]")?.content ?? null
}
