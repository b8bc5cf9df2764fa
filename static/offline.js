// For the page that the service worker shows in place of one out of reach. Lists the messages that wait to be sent, and
// loads the wanted page as soon as the server answers.
const FIRST = 1_000 // ms until the server is asked again, then twice as long …
const LAST = 15_000 // … up to this
const UNREACHED = [502, 503, 504] // what proxies say in place of a server that is away
let pause = FIRST

const outbox = `plainwire:outbox:${JSON.parse(localStorage.getItem("plainwire:reader"))}:`
const waiting = Object.keys(localStorage).filter((key) => key.startsWith(outbox)).map((key) => JSON.parse(localStorage.getItem(key)))
const list = document.getElementById("waiting")
for (const { content, names = [] } of waiting.sort((a, b) => a.at - b.at)) {
  list.append(Object.assign(document.createElement("li"), { textContent: [content, ...names].filter(Boolean).join(" · "), dir: "auto" }))
}
document.getElementById("unsent").hidden = waiting.length === 0

addEventListener("online", tryAgain)
document.getElementById("again").addEventListener("click", tryAgain)
let timer = setTimeout(tryAgain, pause)

async function tryAgain() {
  clearTimeout(timer)
  if (await isThere()) return location.pathname === "/offline" ? location.assign("/") : location.reload()
  pause = Math.min(LAST, pause * 2)
  timer = setTimeout(tryAgain, pause)
}

// A hotel's network may answer instead, and the reader then has to see its page. A proxy whose server is still away has
// only an error to show, which would not come back by itself.
async function isThere() {
  try {
    const { status } = await fetch("/up", { cache: "no-store", signal: AbortSignal.timeout(LAST) })
    return !UNREACHED.includes(status)
  } catch {
    return false
  }
}
