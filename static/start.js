// Stands in every page before everything that the page loads. A network may lose a script or a style sheet: this loads it
// again, and in the end says what is missing.
(() => {
  const TRIES = 5
  const PATIENCE = 15_000 // ms

  addEventListener("error", ({ target }) => {
    if (target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && target.rel === "stylesheet")) retry(target)
  }, true)
  setTimeout(() => !document.documentElement.dataset.controller && say("its script"), PATIENCE)
  addEventListener("load", () => document.documentElement.dataset.controller && done())

  function retry(lost) {
    const url = new URL(lost.src ?? lost.href)
    const tries = Number(url.searchParams.get("again"))
    if (tries === TRIES) return say(url.pathname.split("/").pop())
    url.searchParams.set("again", tries + 1)
    const next = document.createElement(lost.localName) // a copy of a script would not run
    if (lost.rel) next.rel = lost.rel
    if (lost.type) next.type = lost.type
    next[lost.src ? "src" : "href"] = url
    next.addEventListener("load", done)
    setTimeout(() => (lost.isConnected ? lost.after(next) : document.head.append(next)), 250 * 2 ** tries)
  }

  function say(what) {
    if (!document.body) return addEventListener("DOMContentLoaded", () => say(what))
    done()
    const notice = Object.assign(document.createElement("p"), { id: "missing", className: "flash flash--error" })
    notice.setAttribute("role", "alert")
    const link = Object.assign(document.createElement("a"), { href: "", textContent: "Load it again" })
    notice.append(`The network has lost a part of this page (${what}), so not everything works. `, link)
    document.body.prepend(notice)
  }

  function done() {
    document.getElementById("missing")?.remove()
  }
})()
