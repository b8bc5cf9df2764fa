/**
 * Tells our answers from others'. The network of a hotel or an office may answer in the server's place, with any status
 * and from the same address. So our pages carry a mark. So do our answers, in a header that some proxies remove.
 */
export function isOurs(response) {
  return response.headers.has("X-Plainwire")
}

export function isOurPage(page) {
  // The second mark is for a deploy: pages of the previous release have no other.
  return page.querySelector("meta:is([name=generator], [name=application-name])[content=Plainwire]") !== null
}

export function isLogIn(page) {
  return isOurPage(page) && page.getElementById("log_in") !== null
}

export function isHtml(response) {
  return hasType(response, "text/html")
}

/** Whether the response says that it is stream elements of Turbo. */
export function isStream(response) {
  return hasType(response, "text/vnd.turbo-stream.html")
}

function hasType(response, type) {
  return response.headers.get("Content-Type")?.startsWith(type) ?? false
}

export function parse(html) {
  return new DOMParser().parseFromString(html, "text/html")
}
