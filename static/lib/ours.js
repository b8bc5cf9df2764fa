/**
 * Tells our answers from those of others. The network of a hotel or an office may answer in the server's place, with any
 * status and from the same address. So our pages carry a mark. Our answers carry one too, in a header that some proxies
 * remove.
 */
export function isOurs(response) {
  return response.headers.has("X-Plainwire")
}

export function isOurPage(page) {
  if (page.querySelector("meta[name=application-name]")?.content === "Plainwire") return true
  return page.title.endsWith("· Plainwire") // during a deploy: pages of the previous release have no other mark
}

export function isLogIn(page) {
  return isOurPage(page) && page.getElementById("log_in") !== null
}

export function isHtml(response) {
  return hasType(response, "text/html")
}

/** Whether it calls itself stream elements of Turbo. */
export function isStream(response) {
  return hasType(response, "text/vnd.turbo-stream.html")
}

function hasType(response, type) {
  return response.headers.get("Content-Type")?.startsWith(type) ?? false
}

export function parse(html) {
  return new DOMParser().parseFromString(html, "text/html")
}
