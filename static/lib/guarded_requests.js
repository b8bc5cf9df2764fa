import * as Turbo from "@hotwired/turbo"
import tell from "lib/notice"
import { isHtml, isOurPage, isOurs, isStream, parse } from "lib/ours"
import { complete, reason } from "lib/request"

const FOREIGN = "Something else on your network answered, perhaps with a page where it wants you to log in. Nothing was changed here. Open another site to see it, then try again."
const UNREACHED = "The server is out of reach. Try again in a moment."

/**
 * Lets Turbo's own requests (links with data-turbo-method, forms, visits) pass networks that allow only GET and POST, remove
 * headers or answer in the server's place. Reports failures about which Turbo is silent.
 */
export function guardTurboRequests() {
  document.addEventListener("turbo:before-fetch-request", ({ detail: { fetchOptions } }) => {
    if (fetchOptions.method === "GET") return
    fetchOptions.body = complete(fieldsOf(fetchOptions.body), fetchOptions.method)
    fetchOptions.method = "POST"
  })
  document.addEventListener("turbo:before-fetch-response", (event) => {
    const { fetchResponse } = event.detail
    if (event.defaultPrevented || !isSuspicious(event.target, fetchResponse.response)) return
    event.preventDefault()
    judge(event.target, fetchResponse)
  })
  // Turbo would have the browser load the address, and so leave a working page for one that cannot come.
  document.addEventListener("turbo:fetch-request-error", (event) => {
    if (event.target !== document.documentElement) return
    event.preventDefault()
    Turbo.navigator.currentVisit?.fail() // otherwise the page stays busy and the progress bar goes on
    tell(UNREACHED)
  })
  document.addEventListener("turbo:submit-end", ({ detail: { success, error, fetchResponse } }) => {
    if (error) tell(UNREACHED)
    else if (!success && fetchResponse && !fetchResponse.isHTML) reason(fetchResponse.response.clone()).then(tell)
  })
}

// A copy, because for a form without fields Turbo passes the address's own parameters, and logs would show the token.
function fieldsOf(body) {
  const fields = new FormData()
  for (const [name, value] of body) fields.append(name, value)
  return fields
}

// A frame whose part is missing stays as it is anyway. A form that succeeds gets a page or stream elements, and nothing else.
function isSuspicious(target, response) {
  if (isOurs(response) || target.localName === "turbo-frame") return false
  return isHtml(response) || (target.localName === "form" && response.ok && !isStream(response))
}

// A proxy may have removed only the header. Then the page itself is ours.
async function judge(target, fetchResponse) {
  const { location, redirected, statusCode } = fetchResponse
  const responseHTML = await fetchResponse.responseHTML
  if (isOurPage(parse(responseHTML))) Turbo.visit(location, { response: { statusCode, redirected, responseHTML } })
  else if (target.localName === "form") tell(FOREIGN)
  else window.location.assign(location)
}
