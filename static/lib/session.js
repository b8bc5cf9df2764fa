/** To the login page and back here afterwards. Drafts and unsent messages wait in the browser's storage. */
export function logIn() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`)
}

/** When a click that Turbo sends finds the session over, says so by going to the login page. */
export function leaveWhenLoggedOut() {
  document.addEventListener("turbo:before-fetch-response", (event) => {
    if (event.detail.fetchResponse.statusCode !== 401) return
    event.preventDefault()
    logIn()
  })
}

/** The id of who looks at this page, as text; null on pages for everybody. */
export function currentUserId() {
  return document.querySelector("meta[name=current-user-id]")?.content ?? null
}
