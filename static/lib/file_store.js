/**
 * The bytes of files that wait to be sent, by id, in the browser's database. They outlive the page. Where the browser
 * refuses that (private windows, no room left), memory keeps them for as long as the page lives.
 */
const NAME = "plainwire"
const STORE = "files"
const memory = new Map()
let opened = null

export async function keepFile(id, file) {
  memory.set(id, file)
  await attempt("readwrite", (store) => store.put(file, id))
}

/** Resolves to the file, or to null where the browser has lost it. */
export async function keptFile(id) {
  return memory.get(id) ?? (await attempt("readonly", (store) => store.get(id))) ?? null
}

export async function dropFile(id) {
  memory.delete(id)
  await attempt("readwrite", (store) => store.delete(id))
}

async function attempt(mode, action) {
  try {
    const database = await (opened ??= open())
    return await settled(action(database.transaction(STORE, mode).objectStore(STORE)))
  } catch {
    opened = null
    return undefined
  }
}

function open() {
  const request = indexedDB.open(NAME, 1)
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE))
  return settled(request)
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result))
    request.addEventListener("error", () => reject(request.error))
    request.addEventListener("blocked", () => reject(new Error("blocked")))
  })
}
