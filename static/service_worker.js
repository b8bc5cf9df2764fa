// While the server is out of reach, a small page that says so (/offline) takes the place of the browser's own. The worker
// keeps that page and its files, and nothing else: no page of a reader, no answer, no stream.
const KEPT = "plainwire-offline"
const OFFLINE = "/offline"
const AWAY = [502, 503, 504] // statuses

addEventListener("install", (event) => event.waitUntil(keep().then(() => skipWaiting())))
addEventListener("activate", (event) => event.waitUntil(clients.claim()))

addEventListener("fetch", (event) => {
  const { request } = event
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(pageFor(request))
  else if (isFileOfThePage(request)) event.respondWith(kept(request).then((file) => file ?? fetch(request)))
})

// A proxy that finds no server says so with a page of its own, which would stay for good.
async function pageFor(request) {
  const page = await fetch(request).catch(() => Response.error())
  const isAway = page.type === "error" || (AWAY.includes(page.status) && !isOurs(page))
  return (isAway && (await kept(OFFLINE))) || page
}

async function keep() {
  const page = await fetch(OFFLINE, { cache: "no-store" })
  // A hotel's network answers in our place, and a bad one loses a file: then what is kept already stays.
  if (!isOurs(page)) throw new TypeError("This page is not ours.")
  const addresses = [...(await page.clone().text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map(([, address]) => address)
  const files = await Promise.all(addresses.map((address) => fetch(address)))
  if (![page, ...files].every(({ ok }) => ok)) throw new TypeError("A file is missing.")
  await caches.delete(KEPT) // the files of an older release
  const cache = await caches.open(KEPT)
  await Promise.all([page, ...files].map((file) => cache.put(file.url, file)))
}

function isOurs(page) {
  return page.headers.has("X-Plainwire")
}

async function kept(request) {
  return (await caches.open(KEPT)).match(request)
}

function isFileOfThePage({ url }) {
  return /^\/static\/(offline|application)-\w+\.(js|css)$/.test(new URL(url).pathname) && !/application-\w+\.js/.test(url)
}
