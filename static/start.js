// Stands in every page before everything that the page loads. A network may lose a script or a style sheet: this loads it
// again, and in the end says what is missing. Until the script is there, a chat shows its newest messages.
(() => {
  const TRIES = 5
  const AT_HOST = 2 // of them; a CDN may be away, so the others ask this server
  const LOADED_WITHIN = 15_000 // ms
  const missing = new Set() // names of files

  addEventListener("error", ({ target }) => {
    if (target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && target.rel === "stylesheet")) retry(target)
  }, true)
  setTimeout(() => !runs() && say(script()), LOADED_WITHIN)
  addEventListener("load", () => runs() && found(script()))
  document.addEventListener("load", ({ target }) => target instanceof HTMLLinkElement && toTheEnd(), true)
  document.addEventListener("readystatechange", toTheEnd)

  function runs() {
    return document.documentElement.hasAttribute("data-runs") // as application.js says at its end
  }

  // The page is shown once its style sheets are there. That may be before its end has come, or after.
  function toTheEnd() {
    const log = document.querySelector("[data-messages-target=scroller]")
    if (log && !runs() && !location.hash) log.scrollTop = log.scrollHeight
  }

  function script() {
    return name(document.querySelector("script[src]"))
  }

  function name(element) {
    return new URL(element.src ?? element.href).pathname.split("/").pop()
  }

  function retry(lost) {
    const url = new URL(lost.src ?? lost.href)
    const tries = Number(url.searchParams.get("again"))
    if (tries === TRIES) return say(name(lost))
    url.searchParams.set("again", tries + 1)
    if (tries >= AT_HOST) [url.protocol, url.host] = [location.protocol, location.host]
    const next = document.createElement(lost.localName) // a copy of a script would not run
    if (lost.rel) next.rel = lost.rel
    if (lost.type) next.type = lost.type
    next[lost.src ? "src" : "href"] = url
    next.addEventListener("load", () => found(name(next)))
    setTimeout(() => (lost.isConnected ? lost.after(next) : document.head.append(next)), 250 * 2 ** tries)
  }

  function say(what) {
    if (!document.body) return addEventListener("DOMContentLoaded", () => say(what))
    missing.add(what)
    tell()
  }

  function found(what) {
    missing.delete(what)
    tell()
  }

  function tell() {
    document.documentElement.toggleAttribute("data-lost", missing.size > 0)
    document.getElementById("missing")?.remove()
    if (missing.size === 0) return
    const notice = Object.assign(document.createElement("p"), { id: "missing", className: "flash flash--error" })
    notice.setAttribute("role", "alert")
    const link = Object.assign(document.createElement("a"), { href: "", textContent: "Load it again" })
    notice.append(`The network has lost a part of this page (${[...missing].join(", ")}), so not everything works. `, link)
    document.body.prepend(notice)
  }
})()
