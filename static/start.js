// Stands in every page before everything that the page loads. A network may lose a script or a style sheet: this loads it
// again, and in the end says what is missing.
(() => {
  const TRIES = 5
  const LOADED_WITHIN = 15_000 // ms
  const missing = new Set() // names of files

  addEventListener("error", ({ target }) => {
    if (target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && target.rel === "stylesheet")) retry(target)
  }, true)
  setTimeout(() => !runs() && say(script()), LOADED_WITHIN)
  addEventListener("load", () => runs() && found(script()))

  function runs() {
    return document.documentElement.hasAttribute("data-runs") // as application.js says at its end
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
    document.getElementById("missing")?.remove()
    if (missing.size === 0) return
    const notice = Object.assign(document.createElement("p"), { id: "missing", className: "flash flash--error" })
    notice.setAttribute("role", "alert")
    const link = Object.assign(document.createElement("a"), { href: "", textContent: "Load it again" })
    notice.append(`The network has lost a part of this page (${[...missing].join(", ")}), so not everything works. `, link)
    document.body.prepend(notice)
  }
})()
